"""Markdown as in READMEs: words without badges, tags and addresses."""

from __future__ import annotations

import re

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])")
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_DEFINITION = re.compile(r"^ {0,3}\[[^\]]+\]:.*$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


def readable(markdown: str) -> str:
    """The text as a reader of the rendered page sees it; headings and emphasis stay marked."""
    text = _TAG.sub("", _COMMENT.sub("", markdown))
    # Images first: a badge is a link around an image.
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _EMPTY_LINES.sub("\n\n", _DEFINITION.sub("", text)).strip()
