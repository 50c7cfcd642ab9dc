"""Repairs a page's tree before extraction: prose marked as code, marks of code, quotations and
footnotes, deleted text and notes within a sentence, and powers, fractions and indices, which would
become other numbers.
"""

from __future__ import annotations

import re

from lxml.etree import XPath
from lxml.html import HtmlElement, builder

from app.articles.tree import is_inline, replace_with_text, text_before
from app.text.paragraphs import FENCE, unwrapped

MAX_BLOCKS = 200
MIN_LINES = 3
# The share of prose lines that begin with a letter, or with a mail's quotation mark.
MIN_PROSE = 0.7
_PRE = XPath("//pre[not(ancestor::pre)]")
_INLINE_CODE = XPath("//p//code[not(*)] | //li//code[not(*)]")
MAX_CODE, MAX_CODES = 60, 2000
_MARKS = XPath(
    "//sup[.//a[contains(@href, '#')] or starts-with(normalize-space(.), '[')"
    " or contains(@class, 'note') or contains(@class, 'ref') or contains(@id, 'fn')]"
    " | //*[contains(concat(' ', @class, ' '), ' mw-editsection ')]"
    " | //a[contains(@class, 'footnote-ref') or @role='doc-noteref' or @epub:type='noteref']",
    namespaces={"epub": "http://www.idpf.org/2007/ops"},
)
_LINKS_TO_NOTES = XPath(
    "//a[contains(@href, '#fn') or contains(@href, '#_ftn') or contains(@href, '#footnote') or"
    " contains(@href, '#endnote') or contains(@href, '#note') or contains(@href, '#cite')]"
)
_MARK = re.compile(
    r"[\[(]?\s*(?:\d{1,3}|[a-z*†‡]|note \d+|[a-z ]*needed|edit)\s*[\])]?", re.IGNORECASE
)
_DELETED = XPath(
    "//del | //s | //strike | //*[contains(@style, 'line-through') or contains(@class,"
    " 'line-through') or contains(@class, 'strikethrough')]"
)
# Notes within a sentence, which a browser shows at the margin or on demand, and sentences repeated
# in large letters.
_NOTES = XPath(
    "//*[self::span or self::small or self::label or self::aside or self::div][contains(@class,"
    " 'sidenote') or contains(@class, 'marginnote') or contains(@class, 'margin-note') or"
    " contains(@class, 'footnote-content') or contains(@class, 'tooltip-text')]"
    " | //*[contains(@class, 'pullquote') or contains(@class, 'pull-quote')]"
    "[self::aside or self::blockquote or self::div or self::figure or self::p or self::q]"
)
MAX_NOTE, MAX_NOTES = 1500, 500
_QUOTATIONS = XPath("//blockquote[not(ancestor::blockquote)]")
# A page with less besides has its own text in a quotation.
MIN_BESIDE = 200  # characters
MAX_QUOTATIONS = 300
# Longer deleted text is a tag that was not closed.
MAX_DELETED = 2000  # characters
MAX_DELETIONS, MAX_POWERS = 100, 1000
_RAISED, _LOWERED = XPath("//sup"), XPath("//sub[not(*)]")
_EXPONENT = re.compile(
    r"[+\-−–]?(?:\d+(?:\.\d+)?|[A-Za-z])(?:\s?[+\-−–·*/]?\s?(?:\d+(?:\.\d+)?|[A-Za-z]))*"
)
# A single letter that is an exponent, not a mark or the end of an ordinal number.
_VARIABLES = frozenset("nkxyzmijpqtNKMT")
_BASE = re.compile(r"(?:\d|[)\]]|(?<![^\W\d_])[^\W\d_])$")
_NUMBER = re.compile(r"[+\-−–]?\d{1,4}")
_SUPERSCRIPTS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PROSE_LINE = re.compile(r"\s*(?:>|[-*•] )*\s*[\"'“«(]?[^\W\d_]")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?][\"')]?(?:\s|$)")
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:#include|def |class |import |return |\$ |//|/\*)|=>|\)\s*:$"
)


def repair(tree: HtmlElement) -> None:
    """Convert prose in `pre` to paragraphs, mark code with backticks and quotations with ">",
    remove notes, the marks of footnotes and deleted text, and write powers, fractions and indices
    in characters.
    """
    _remove_parts(tree)
    for code in _INLINE_CODE(tree)[:MAX_CODES]:
        words = code.text or ""
        if 0 < len(words.strip()) <= MAX_CODE and not set("`\n") & set(words):
            code.text = f"`{words}`"
    for lowered in _LOWERED(tree)[:MAX_POWERS]:
        _write_index(lowered)
    for raised in _RAISED(tree)[:MAX_POWERS]:
        _write_raised(raised)
    _mark_quotations(tree)
    for block in _PRE(tree)[:MAX_BLOCKS]:
        text = block.text_content()
        if _is_prose(text):
            _set_as_paragraphs(block, unwrapped(text))
        elif _SENTENCE_END.search(text):
            _fence(block)


def _remove_parts(tree: HtmlElement) -> None:
    """Remove notes, the marks of footnotes and deleted text."""
    for note in _NOTES(tree)[:MAX_NOTES]:
        if note.getparent() is not None and len(note.text_content()) <= MAX_NOTE:
            note.drop_tree()
    for deleted in _DELETED(tree)[:MAX_DELETIONS]:
        if deleted.getparent() is not None and len(deleted.text_content()) <= MAX_DELETED:
            deleted.drop_tree()
    for mark in _MARKS(tree):
        if _MARK.fullmatch(mark.text_content().strip()):
            mark.drop_tree()
    for link in _LINKS_TO_NOTES(tree)[:MAX_NOTES]:
        glued = text_before(link)[-1:].strip(" ([{")
        if link.getparent() is not None and glued and _MARK.fullmatch(link.text_content().strip()):
            link.drop_tree()


def superscript(number: str) -> str:
    """A number as a power: "9" as "⁹"."""
    return number.translate(_SUPERSCRIPTS)


def _write_raised(raised: HtmlElement) -> None:
    """Write a power such as 10⁹, or a fraction such as 1¹⁄₂, in characters."""
    number = raised.text_content().strip()
    if raised.getparent() is None:
        return
    if len(raised) or not _NUMBER.fullmatch(number):
        _write_exponent(raised, number)
        return
    below = raised.getnext()
    if (raised.tail or "").strip() in ("/", "⁄") and below is not None and below.tag == "sub":
        under = (below.text or "").strip()
        if under.isdecimal() and not len(below):
            raised.tail = "⁄"
            below.text = under.translate(_SUBSCRIPTS)
            below.drop_tag()
    raised.text = superscript(number)
    raised.drop_tag()


def _write_exponent(raised: HtmlElement, exponent: str) -> None:
    """Write an exponent that has no characters of its own: 2^n, 10^(9.5)."""
    if not _EXPONENT.fullmatch(exponent) or not _BASE.search(text_before(raised)):
        return
    is_variable = exponent in _VARIABLES or len(raised)
    if not any(map(str.isdigit, exponent)) and len(exponent) == 1 and not is_variable:
        return
    if exponent.isalpha() and len(exponent) > 1:  # "2nd"
        return
    replace_with_text(raised, f"^{exponent}" if len(exponent) == 1 else f"^({exponent})")


def _write_index(lowered: HtmlElement) -> None:
    """Write an index beside a digit in characters: log₂8."""
    index = (lowered.text or "").strip()
    beside = text_before(lowered)[-1:], (lowered.tail or "")[:1]
    if index.isdecimal() and any(map(str.isdigit, beside)):
        lowered.text = index.translate(_SUBSCRIPTS)
        lowered.drop_tag()


def _mark_quotations(tree: HtmlElement) -> None:
    """Put ">" before the lines of block quotations, unless they are all of the page."""
    quotations = _QUOTATIONS(tree)[:MAX_QUOTATIONS]
    beside = sum(len(one.text_content()) for one in tree.iter("p"))
    beside -= sum(len(p.text_content()) for one in quotations for p in one.iter("p"))
    if beside < MIN_BESIDE:
        return
    for quotation in quotations:
        for part in [quotation, *quotation.iterdescendants("p", "li", "div", "blockquote")]:
            text = (part.text or "").lstrip()
            if text or (len(part) and is_inline(part[0])):
                part.text = f"> {text}"
        for line_break in quotation.iter("br"):
            if line_break.tail and line_break.tail.strip():
                line_break.tail = f"> {line_break.tail.lstrip()}"


def _fence(block: HtmlElement) -> None:
    """Mark a block as code, whose comments are not the article's sentences."""
    code = block.text_content().strip("\n")
    del block[:]
    block.text = f"{FENCE}\n{code}\n{FENCE}"


def _is_prose(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) < MIN_LINES or len(_SENTENCE_END.findall(text)) < 2:
        return False
    prose = sum(bool(_PROSE_LINE.match(line) and not _CODE_LINE.search(line)) for line in lines)
    return prose >= MIN_PROSE * len(lines)


def _set_as_paragraphs(block: HtmlElement, text: str) -> None:
    parent = block.getparent()
    if parent is None:
        return
    division = builder.DIV(*(builder.P(line) for line in text.split("\n") if line.strip()))
    division.tail = block.tail
    parent.replace(block, division)
