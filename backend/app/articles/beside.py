"""Finds a notice of a page that its text does not hold, where the extractor takes it for something
beside the article: a box above it, or the mark of a retraction in the title.
"""

from __future__ import annotations

from lxml.etree import XPath

from app.articles.assess.document import Document, text_of
from app.text.notices import is_retracted_title, notice_of

MAX_NOTICE, MAX_BOXES = 600, 300  # characters; boxes that are read

_NAMES = ("correct", "retract", "disclaim", "notice", "alert", "editor", "note", "satire", "update")
_MORE = ("sponsor", "advert", "warning", "erratum", "disclosure", "banner", "message")
_NAMED = " or ".join(f"contains(@class, '{one}')" for one in (*_NAMES, *_MORE))
_BOXES = XPath(
    f"//body//*[self::aside or self::ins or @role='note' or @role='alert' or {_NAMED}]"
    "[not(ancestor-or-self::*[self::nav or self::footer or contains(@class, 'comment')"
    " or contains(@id, 'comment') or contains(@class, 'related')])]"
)


def notice_beside(document: Document, text: str) -> str:
    """The notice in a page's title or boxes that its `text` lacks; empty for none."""
    for title in document.titles:
        if is_retracted_title(title):
            return title
    for box in _BOXES(document.tree)[:MAX_BOXES]:
        if len(box.text_content()) > MAX_NOTICE:
            continue
        notice = notice_of(text_of(box))
        if notice and notice not in text:
            return notice
    return ""
