"""Repairs a page's tree before extraction: prose marked as code, marks of code and footnotes."""

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
_PROSE_LINE = re.compile(r"\s*(?:>|[-*•] )*\s*[\"'“«(]?[^\W\d_]")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[.!?][\"')]?(?:\s|$)")
_CODE_LINE = re.compile(
    r"[{};]\s*$|^\s*(?:#include|def |class |import |return |\$ |//|/\*)|=>|\)\s*:$"
)


def repair(tree: HtmlElement) -> None:
    """Convert prose in `pre` to paragraphs, mark code in sentences with backticks, and remove the
    marks of footnotes.
    """
    for mark in _MARKS(tree):
        if _MARK.fullmatch(mark.text_content().strip()):
            mark.drop_tree()
    for code in _INLINE_CODE(tree)[:MAX_CODES]:
        words = code.text or ""
        if 0 < len(words.strip()) <= MAX_CODE and not set("`\n") & set(words):
            code.text = f"`{words}`"
    for block in _PRE(tree)[:MAX_BLOCKS]:
        text = block.text_content()
        if _is_prose(text):
            _set_as_paragraphs(block, unwrapped(text))


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
