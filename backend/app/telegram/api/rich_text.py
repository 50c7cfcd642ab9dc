"""Extracts the text of a rich message in reading order, and its links.

https://core.telegram.org/bots/api#richmessage: blocks hold blocks and texts; a text is a string, a
list of texts, or an object that formats one.
"""

from __future__ import annotations

from app.telegram.api.types import Entity

# The limit of an ordinary message (https://core.telegram.org/bots/api#message), so that readers of
# typed text need not handle longer ones.
MAX_UNITS = 4096
# Telegram allows 16 levels of blocks; each text may be formatted several times.
MAX_DEPTH = 64

# The fields of blocks and their parts that contain text, in reading order. Labels of buttons are
# not part of the text.
_TEXTS = ("label", "summary", "text", "expression", "alternative_text")
_BLOCKS = ("blocks", "items", "cells", "caption", "credit")


def read_rich_message(value: object) -> tuple[str | None, tuple[Entity, ...]]:
    """The text, one line for each block, up to `MAX_UNITS`, and the links in it."""
    text = _RichTextReader()
    if isinstance(value, dict):
        text.read_block(value, 0)
    words = text.words().rstrip()
    return words or None, tuple(text.links)


class _RichTextReader:
    def __init__(self) -> None:
        self._parts: list[str] = []
        self._units = 0
        self.links: list[Entity] = []

    def words(self) -> str:
        return "".join(self._parts)

    def read_block(self, value: object, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, str):
            self._add(f"{value}\n")
        elif isinstance(value, list):
            for one in value:
                self.read_block(one, depth + 1)
        elif isinstance(value, dict):
            before = self._units
            for name in _TEXTS:
                self._read_text(value.get(name), depth + 1)
            if self._units > before:
                self._add("\n")
            for name in _BLOCKS:
                self.read_block(value.get(name), depth + 1)

    def _read_text(self, value: object, depth: int) -> None:
        if depth > MAX_DEPTH:
            return
        if isinstance(value, str):
            self._add(value)
        elif isinstance(value, list):
            for one in value:
                self._read_text(one, depth + 1)
        elif isinstance(value, dict):
            start = self._units
            for name in _TEXTS:
                self._read_text(value.get(name), depth + 1)
            url = value.get("url")
            if isinstance(url, str):
                self.links.append(Entity("text_link", start, self._units - start, url=url))

    def _add(self, words: str) -> None:
        words = words[: max(0, MAX_UNITS - self._units)]
        self._parts.append(words)
        self._units += len(words.encode("utf-16-le", "surrogatepass")) // 2
