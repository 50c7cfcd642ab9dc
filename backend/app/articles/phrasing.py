"""Keeps sentences whole: writes pictures, formulas and quotation marks in a line as text, and keeps
elements in it that the extractor would drop by their names or classes.

What stands in the middle of a sentence and has no words becomes `MISSING`, so that nobody takes the
rest of the sentence for all of it.
"""

from __future__ import annotations

import re
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from app.articles.tree import (
    is_amid_words,
    is_inline,
    is_inside_a_sentence,
    is_part_of_a_sentence,
    replace_with_text,
)
from app.text.language_words import by_language
from app.text.sentences import MISSING

MAX_ELEMENTS = 3000
MAX_ALTERNATIVE = 200  # characters of the text in place of a picture

_OBJECTS = (
    *("img", "svg", "object", "embed", "video", "audio", "canvas", "iframe", "input", "select"),
    *("textarea", "progress", "meter", "script"),
)
# An element with such a name is dropped by the extractor.
_DROPPED = ("time", "output", "button", "label", "progress", "meter", "blink", "marquee", "noindex")
# What the extractor may drop: by its name, as one that it does not know, or by what it is called.
_DROPPABLE = XPath(
    f"//body//*[{' or '.join(f'self::{name}' for name in _DROPPED)} or contains(name(), '-')"
    " or ((@class or @id or @role or @style or @aria-hidden) and not(self::div or self::p or"
    " self::li or self::ul or self::img or self::svg or self::section or self::article))]"
)
_TEX = XPath("string(.//*[local-name()='annotation'][contains(@encoding, 'tex')])")
# What surrounds a formula and its further renderings.
_WRAPPER = re.compile(r"(?:^|\s)(?:katex|mwe-math-element|mathjax|mjx-container)(?:\s|$)", re.I)
_DISPLAY_STYLE = re.compile(r"^\{\\(?:displaystyle|textstyle)\s*(.*)\}$", re.DOTALL)
_SCRIPT = re.compile(r"([\^_])\s*\{\s*([^{}]*?)\s*\}")
# Elements of a formula that stand in a row.
_FLAT = frozenset(("math", "semantics", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mstyle"))
_LETTER = re.compile(r"[^\W\d_]")
_SYMBOL = re.compile(r"(?:^|\s)(?:emoji|wp-smiley|twemoji|latex|tex|math|equation)(?:\s|$)", re.I)
# What is shown, although the extractor takes it for hidden ("overflow: hidden").
_STYLED = XPath("//*[contains(@style, 'hidden') or contains(@style, 'none')]")
_CELLS = frozenset(("td", "th", "dd", "dt"))
_NAMING = ("class", "id", "role", "style", "aria-hidden")
_SHOWN_VALUE = frozenset(("text", "number", "button", "submit", "reset", "date", "email", "url"))
_QUOTATION_MARKS = {language: one.split() for language, one in by_language("text.quotes").items()}
_LANGUAGE = XPath("string(ancestor-or-self::*[@lang][1]/@lang)")


def write_objects(tree: HtmlElement) -> None:
    """Write formulas, and pictures and other objects within sentences, as text."""
    for formula in list(islice(tree.iter("{*}math"), MAX_ELEMENTS)):
        _write_formula(formula)
    for element in list(islice(tree.iter(*_OBJECTS), MAX_ELEMENTS)):
        if element.getparent() is None:
            continue
        if element.tag == "embed" and element.text:  # the parser puts what follows into it
            element.tail = f"{element.text_content()}{element.tail or ''}"
            del element[:]
            element.text = None
        if text := _text_of(element):
            replace_with_text(element, text)


def keep_in_lines(tree: HtmlElement) -> None:
    """Put quotation marks around `q`, and keep what the extractor would drop within a line."""
    for element in _STYLED(tree):
        del element.attrib["style"]
    for quotation in list(tree.iter("q")):
        _add_marks(quotation)
    for quotation in list(tree.iter("q")):
        quotation.tag = "span"  # the extractor would make a block of it
    for element in _DROPPABLE(tree)[:MAX_ELEMENTS]:
        tag = element.tag
        parent = element.getparent()
        in_cell = parent is not None and parent.tag in _CELLS and tag in _DROPPED
        if is_inline(element) and (in_cell or is_part_of_a_sentence(element)):
            for name in _NAMING:
                element.attrib.pop(name, None)
            if tag in _DROPPED or "-" in tag:
                element.tag = "span"


def _add_marks(quotation: HtmlElement) -> None:
    outer = next(quotation.iterancestors("q"), None) is None
    language = _LANGUAGE(quotation).lower().partition("-")[0]
    marks = _QUOTATION_MARKS.get(language) or _QUOTATION_MARKS["en"]
    opening, closing = marks[:2] if outer else marks[2:4]
    quotation.text = f"{opening}{quotation.text or ''}"
    if len(quotation):
        quotation[-1].tail = f"{quotation[-1].tail or ''}{closing}"
    else:
        quotation.text += closing


def _write_formula(formula: HtmlElement) -> None:
    words = formula_text(_TEX(formula).strip() or (formula.get("alttext") or "").strip())
    if not words:
        flat = all(one.tag in _FLAT for one in formula.iter() if isinstance(one.tag, str))
        words = "".join("".join(formula.itertext()).split()) if flat else MISSING
    wrapper = formula
    for around in formula.iterancestors():
        if _WRAPPER.search(around.get("class") or "") or around.tag == "mjx-container":
            wrapper = around
    if wrapper.getparent() is not None:
        replace_with_text(wrapper, f" {words} " if formula.get("display") == "block" else words)


def formula_text(tex: str) -> str:
    """A formula in TeX as text: `x^{2}` as x^2, and with commands, as `\\(\\frac{1}{2}\\)`."""
    if found := _DISPLAY_STYLE.match(tex):
        tex = found[1].strip()
    plain = _SCRIPT.sub(
        lambda part: (
            part[1] + (part[2] if len(part[2]) == 1 or part[2].isdigit() else f"({part[2]})")
        ),
        tex,
    )
    return f"\\({tex}\\)" if set(plain) & set("\\{}") else plain


def _text_of(element: HtmlElement) -> str:
    """What stands for an object within a sentence; empty outside of one, and for a decoration."""
    tag = element.tag
    if tag == "script":
        is_formula = (element.get("type") or "").startswith("math/")
        return formula_text((element.text or "").strip()) if is_formula else ""
    inside = is_inside_a_sentence(element)
    if tag == "img":
        return _alternative(element, inside=inside)
    if tag == "svg":
        formula = any(_WRAPPER.search(one.get("class") or "") for one in element.iterancestors())
        title = element.findtext("./title") or element.get("aria-label") or ""
        return (title.strip() or (MISSING if formula else "")) if inside else ""
    if tag in ("progress", "meter"):
        return (element.text_content().strip() or MISSING) if inside else ""
    if tag == "input":
        kind = (element.get("type") or "text").lower()
        if kind in _SHOWN_VALUE and is_amid_words(element):
            return (element.get("value") or "").strip() or (MISSING if inside else "")
        return MISSING if inside and kind in ("range", "color", "image") else ""
    return MISSING if inside else ""


def _alternative(picture: HtmlElement, *, inside: bool) -> str:
    """The text in place of a picture: of an emoji or a formula in a line, or within a sentence."""
    alternative = picture.get("alt")
    if alternative is None:
        return MISSING if inside else ""
    words = " ".join(alternative.split())[:MAX_ALTERNATIVE]
    if "\\" in words:
        words = formula_text(words)
    symbol = words and (not _LETTER.search(words) or _SYMBOL.search(picture.get("class") or ""))
    return words if inside or (symbol and is_amid_words(picture)) else ""
