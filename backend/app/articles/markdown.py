"""Markdown as in READMEs: words without badges, tags and addresses."""

from __future__ import annotations

import re

# What may not occur inside keeps each pattern's time in proportion to the text.
_TAG = re.compile(r"</?[a-z][^<>]{0,500}>", re.IGNORECASE)
_TARGET = r"(?:\([^()]{0,500}\)|\[[^\[\]]{0,100}\])"
_IMAGE = re.compile(rf"!\[[^\[\]]{{0,300}}\]{_TARGET}")
_LINK = re.compile(rf"\[([^\[\]]{{0,300}})\]{_TARGET}")
_DEFINITION = re.compile(r"^ {0,3}\[[^\[\]\n]{1,300}\]:.*$", re.MULTILINE)
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


def readable(markdown: str) -> str:
    """The text as a reader of the rendered page sees it; headings and emphasis stay marked."""
    text = _TAG.sub("", _without_comments(markdown))
    # Images first: a badge is a link around an image.
    text = _LINK.sub(r"\1", _IMAGE.sub("", text))
    return _EMPTY_LINES.sub("\n\n", _DEFINITION.sub("", text)).strip()


def _without_comments(markdown: str) -> str:
    before, *others = markdown.split("<!--")
    return before + "".join(other.partition("-->")[2] for other in others)
