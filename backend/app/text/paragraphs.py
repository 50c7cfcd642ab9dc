"""Rejoins the lines of paragraphs that were wrapped at a fixed width."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.text.language_words import alternatives
from app.text.sentences import end_pattern

# A text counts as wrapped if its longer lines end near a width in this range.
MIN_WIDTH, MAX_WIDTH = 45, 120
MIN_WRAPPED_LINES = 2
# Lower-case lines of at least this length may continue a sentence; shorter ones are list items.
MIN_BROKEN = 20
_ENTRY = re.compile(r"^\s*(?:[-*•–—+]|\(?\d{1,3}[.)]|[a-z][.)]|\[\d+\]|Q:|A:)\s+")
_QUOTED = re.compile(r"^\s*(?:>|\|>|\w{1,3}>)")
_ATTRIBUTION = re.compile(rf"(?:{alternatives('text.attribution')})\s*:\s*$", re.IGNORECASE)
_END = end_pattern(":;")
_SIGNATURE = re.compile(r"^-- ?$")
# A line that ends with such a word continues on the next one.
_OPEN_END = re.compile(rf"(?:,|\b(?:{alternatives('text.open_ends')}))$", re.IGNORECASE)
# Before and after code.
FENCE = "```"
_RULE = re.compile(r"^\s*[-=_*~#+]{3,}\s*$")
_TABLE = re.compile(r"\S(?:\s{3,}|\t+)\S+(?:\s{3,}|\t+)\S")
_HYPHEN = re.compile(r"(?<=[a-zß-öø-ÿ])-$")


def unwrapped(text: str) -> str:
    """`text` with one line for each paragraph, without rules, quoted mail and signatures.

    Blocks that are not prose (tables, figures) are kept line by line.
    """
    blocks: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if _SIGNATURE.match(line) and any(map(any, blocks)):
            break
        if not line.strip() or _RULE.match(line):
            blocks.append([])
        elif not _QUOTED.match(line):
            blocks[-1].append(line)
    paragraphs = (paragraph for block in blocks for paragraph in _paragraphs(block))
    return "\n".join(one for one in paragraphs if not _ATTRIBUTION.search(one))


def joined(lines: Sequence[str]) -> list[str]:
    """The lines of a page; a line that was broken in the middle of a sentence is joined."""
    kept: list[str] = []
    for line in lines:
        words = line.strip()
        before = kept[-1] if kept else ""
        if before and words and _continues(before, words):
            kept[-1] = _together(before, words)
        else:
            kept.append(line)
    return kept


def _continues(before: str, words: str) -> bool:
    """Whether `words` continue a sentence that the line before leaves open."""
    return (
        len(before) >= (MIN_BROKEN if words[0].islower() else MIN_WIDTH)
        and not _END.search(before)
        and not _ENTRY.match(words)
        and not _QUOTED.match(words)
        and (words[0].islower() or words[0].isdigit() or bool(_OPEN_END.search(before)))
        and "|" not in before
    )


def _paragraphs(block: Sequence[str]) -> list[str]:
    longest = max(map(len, block), default=0)
    prose = MIN_WIDTH <= longest <= MAX_WIDTH and len(block) >= MIN_WRAPPED_LINES
    if not prose or sum(map(bool, map(_TABLE.search, block))) * 2 > len(block):
        return [line.strip() for line in block]
    paragraphs: list[str] = []
    room = 0
    for line in block:
        words = line.strip()
        # The first word of this line would have fitted on the previous line.
        ended = room > len(words.split(" ", 1)[0]) + longest // 4
        if not paragraphs or _ENTRY.match(line) or (ended and not words[0].islower()):
            paragraphs.append(_ENTRY.sub("", line).strip())
        else:
            paragraphs[-1] = _together(paragraphs[-1], words)
        room = longest - len(line)
    return paragraphs


def _together(before: str, words: str) -> str:
    if _HYPHEN.search(before) and words[0].islower():
        return f"{before[:-1]}{words}"
    return f"{before.rstrip()} {words}"
