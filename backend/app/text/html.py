"""Hacker News' own HTML, which has only paragraphs, italics, code and links."""

from __future__ import annotations

import html
import re

# Every pattern takes time proportional to the length of the text, also for hostile text.
_TAG = re.compile(r"(</?(?:a|i|p|pre|code)\b[^<>]*>)", re.IGNORECASE)
_TARGET = re.compile(r'\shref="([^"]*)"', re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n{3,}")


def plain_text(markup: str) -> str:
    """The text as displayed, with full addresses instead of links.

    Paragraphs are separated by an empty line. The result is plain text: escape it before display.
    """
    parts: list[str] = []
    target, link_start = "", 0
    # Because the pattern is a group, every second piece is a tag.
    for number, piece in enumerate(_TAG.split(markup)):
        if number % 2 == 0:
            parts.append(piece)
            continue
        name = piece[:4].lower()
        if name.startswith(("<p", "</p")):
            parts.append("\n\n")
        elif name.startswith("<a"):
            found = _TARGET.search(piece)
            target, link_start = (found[1] if found else ""), len(parts)
        elif name == "</a>" and target:
            parts[link_start:] = [_address(target, "".join(parts[link_start:]))]
            target = ""
    return html.unescape(_PARAGRAPHS.sub("\n\n", "".join(parts))).strip()


def _address(target: str, shown: str) -> str:
    # Hacker News shortens long addresses to "https://example.com/a-lo..."; `target` is complete.
    is_address = shown.startswith("http") or shown.endswith("...")
    return target if is_address else f"{shown} ({target})"
