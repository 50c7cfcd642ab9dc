"""Plain text in sentences."""

from __future__ import annotations

import re

_ALONE = r"(?<![^\s(.])"
# A full stop behind a list's number, an initial ("U.S.", "e.g.") or a title ends no sentence.
_NO_END = (
    rf"(?<!{_ALONE}\d\.)(?<!{_ALONE}\d\d\.)(?<!{_ALONE}[A-Za-z]\.)"
    r"(?<!\b(?:Mr|Ms|Dr|St|vs|No)\.)(?<!\bMrs\.)"
)
_BEHIND_END = r"(?:(?<=[.!?…])|(?<=[.!?…][\"'”’)]))"
# Chinese and Japanese put no space behind it.
_END_UNSPACED = r"(?<=[。！？])(?![。！？」』”’）])\s*"
_END = re.compile(rf"{_BEHIND_END}{_NO_END}\s+(?=[\"'“‘(]?[A-Z0-9À-Þ])|{_END_UNSPACED}")


def split(text: str) -> list[str]:
    """The sentences of `text`; none goes over a line's end."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [one for line in lines for one in map(str.strip, _END.split(line)) if one]


def at_most(sentences: list[str], characters: int) -> str:
    """As many whole sentences as `characters` hold; the first one is cut at a word if it must."""
    kept = ""
    for sentence in sentences:
        longer = f"{kept} {sentence}" if kept else sentence
        if len(longer) > characters:
            break
        kept = longer
    return kept or cut(" ".join(sentences[:1]), characters)


def cut(words: str, characters: int) -> str:
    """`words`, cut at a word's end to at most so many characters."""
    if len(words) <= characters:
        return words
    return f"{words[: characters - 1].rsplit(' ', 1)[0].rstrip(' ,;:–-')}…"
