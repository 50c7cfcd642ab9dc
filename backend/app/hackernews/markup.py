"""Hacker News' own HTML: paragraphs, italics, code and links, and nothing else."""

from __future__ import annotations

import html
import re

# Every pattern takes time in proportion to the text, whatever the text is.
_TAG = re.compile(r"(</?(?:a|i|p|pre|code)\b[^<>]*>)", re.IGNORECASE)
_TARGET = re.compile(r'\shref="([^"]*)"', re.IGNORECASE)
_PARAGRAPHS = re.compile(r"\n{3,}")


def plain_text(markup: str) -> str:
    """What a reader sees, with whole addresses instead of links.

    Paragraphs are an empty line apart. The result is plain text: show it escaped.
    """
    parts: list[str] = []
    target, link_start = "", 0
    # With the pattern in a group, every second piece is a tag.
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
    # Hacker News shortens long addresses to "https://example.com/a-lo..."; the target is whole.
    is_address = shown.startswith("http") or shown.endswith("...")
    return target if is_address else f"{shown} ({target})"
