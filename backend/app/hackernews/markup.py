"""Hacker News' own HTML: paragraphs, italics, code and links, and nothing else."""

from __future__ import annotations

import html
import re

_PARAGRAPH = re.compile(r"\s*</?(?:p|pre)>\s*", re.IGNORECASE)
_LINK = re.compile(r'<a\b[^>]*?href="([^"]*)"[^>]*>(.*?)</a>', re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?(?:a|i|b|code|p|pre|br)\b[^>]*>", re.IGNORECASE)


def plain_text(markup: str) -> str:
    """What a reader sees, with whole addresses instead of links.

    Paragraphs are an empty line apart. The result is plain text: show it escaped.
    """
    text = _LINK.sub(_address, markup)
    text = _TAG.sub("", _PARAGRAPH.sub("\n\n", text))
    return html.unescape(text).strip()


def _address(link: re.Match[str]) -> str:
    # Hacker News shortens long addresses to "https://example.com/a-lo..."; the target is whole.
    target, shown = link.groups()
    return target if shown.startswith("http") or shown.endswith("...") else f"{shown} ({target})"
