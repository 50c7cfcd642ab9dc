"""Repairs a page's tree before extraction: prose marked as code, marks of code and footnotes,
deleted text, and powers and fractions, which would become other numbers.
"""

from __future__ import annotations

import re

from lxml.etree import XPath
from lxml.html import HtmlElement, builder

from app.text.paragraphs import unwrapped

MAX_BLOCKS = 200
MIN_LINES = 3
# The share of prose lines that begin with a letter, or with a mail's quotation mark.
MIN_PROSE = 0.7
_PRE = XPath("//pre[not(ancestor::pre)]")
_INLINE_CODE = XPath("//p//code[not(*)] | //li//code[not(*)]")
MAX_CODE, MAX_CODES = 60, 2000
_MARKS = XPath(
    "//sup[a[starts-with(@href, '#')] or starts-with(normalize-space(.), '[')]"
    " | //*[contains(concat(' ', @class, ' '), ' mw-editsection ')]"
    " | //a[contains(@class, 'footnote-ref') or @role='doc-noteref' or @epub:type='noteref']",
    namespaces={"epub": "http://www.idpf.org/2007/ops"},
)
_MARK = re.compile(
    r"[\[(]?\s*(?:\d{1,3}|[a-z*†‡]|note \d+|[a-z ]*needed|edit)\s*[\])]?", re.IGNORECASE
)
_DELETED = XPath("//del | //s | //strike | //*[contains(@style, 'line-through')]")
# Longer deleted text is a tag that was not closed.
MAX_DELETED = 2000  # characters
MAX_DELETIONS, MAX_POWERS = 100, 1000
_RAISED = XPath("//sup[not(*)]")
_NUMBER = re.compile(r"[+\-−–]?\d{1,4}")
_SUPERSCRIPTS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_PROSE_LINE = re.compile(r"\s*(?:>|[-*•] )*\s*[\"'“«(]?[^\W\d_]")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?][\"')]?(?:\s|$)")
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:#include|def |class |import |return |\$ |//|/\*)|=>|\)\s*:$"
)


def repair(tree: HtmlElement) -> None:
    """Convert prose in `pre` to paragraphs, mark code in sentences with backticks, remove the marks
    of footnotes and deleted text, and write powers and fractions in characters.
    """
    for deleted in _DELETED(tree)[:MAX_DELETIONS]:
        if deleted.getparent() is not None and len(deleted.text_content()) <= MAX_DELETED:
            deleted.drop_tree()
    for mark in _MARKS(tree):
        if _MARK.fullmatch(mark.text_content().strip()):
            mark.drop_tree()
    for code in _INLINE_CODE(tree)[:MAX_CODES]:
        words = code.text or ""
        if 0 < len(words.strip()) <= MAX_CODE and not set("`\n") & set(words):
            code.text = f"`{words}`"
    for raised in _RAISED(tree)[:MAX_POWERS]:
        _write_raised(raised)
    for block in _PRE(tree)[:MAX_BLOCKS]:
        text = block.text_content()
        if _is_prose(text):
            _set_as_paragraphs(block, unwrapped(text))


def superscript(number: str) -> str:
    """A number as a power: "9" as "⁹"."""
    return number.translate(_SUPERSCRIPTS)


def _write_raised(raised: HtmlElement) -> None:
    """Write a power such as 10⁹, or a fraction such as 1¹⁄₂, in characters."""
    number = (raised.text or "").strip()
    if raised.getparent() is None or not _NUMBER.fullmatch(number):
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
