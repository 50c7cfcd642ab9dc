"""Detects pages that redirect immediately by HTML, and have almost no other content."""

from __future__ import annotations

import re
from html import unescape

MAX_PAGE = 4096  # bytes
MAX_SECONDS = 3
# Linear in the input: a tag ends where the next one begins, and an attribute's name cannot begin
# within a word.
_TAG = re.compile(r"<meta\s([^<>]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*("[^"]*|'[^']*|[^\s"']+)""")
_CONTENT = re.compile(
    r"\s*(\d{1,5})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?(.*)", re.IGNORECASE | re.DOTALL
)


def refresh_target(body: bytes) -> str | None:
    """The target of a page's immediate `<meta http-equiv="refresh">`, or None."""
    if len(body) > MAX_PAGE:
        return None
    for tag in _TAG.finditer(body.decode("utf-8", "replace")):
        attributes = {
            name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(tag[1])
        }
        if attributes.get("http-equiv", "").lower() != "refresh":
            continue
        content = _CONTENT.match(unescape(attributes.get("content", "")))
        if content and int(content[1]) <= MAX_SECONDS and (target := content[2].strip(" \t\n'\"")):
            return target
    return None
