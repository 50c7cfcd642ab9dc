"""Telegram's HTML: which tags it takes, what it complains of, and what is left as text.

https://core.telegram.org/bots/api#html-style. Offsets and lengths of entities count UTF-16 units;
the offsets in complaints count bytes, as the original's do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

MAX_ENTITIES = 100
_SIMPLE = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAG = re.compile(r"<(/?)([a-zA-Z0-9-]*)((?:\s+[^<>]*)?)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")


class EntityError(Exception):
    """The markup cannot be parsed; the message is the original's."""


@dataclass(slots=True)
class _Open:
    tag: str
    entity: dict[str, Any] | None
    start: int


@dataclass(slots=True)
class _Parsed:
    parts: list[str] = field(default_factory=list)
    units: int = 0
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def add(self, words: str) -> None:
        words = _REFERENCE.sub(lambda match: unescape(match.group()), words)
        self.parts.append(words)
        self.units += utf16_length(words)


def utf16_length(words: str) -> int:
    """How long Telegram counts `words` to be."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(markup: str) -> tuple[str, list[dict[str, Any]]]:
    """The text of `markup` and its entities, at most `MAX_ENTITIES` of them.

    Raises:
        EntityError: for a tag that is unknown, misplaced or not closed.
    """
    parsed = _Parsed()
    position = 0
    while (begin := markup.find("<", position)) >= 0:
        parsed.add(markup[position:begin])
        match = _TAG.match(markup, begin)
        if match is None:
            raise EntityError(f"Unsupported start tag at byte offset {_bytes(markup, begin)}")
        closing, name, attributes = match.group(1), match.group(2).lower(), match.group(3)
        if closing:
            _close(parsed, name, _bytes(markup, begin))
        else:
            _open(parsed, name, attributes, _bytes(markup, begin))
        position = match.end()
    parsed.add(markup[position:])
    if parsed.stack:
        tag = parsed.stack[-1].tag
        raise EntityError(f'Can\'t find end tag corresponding to start tag "{tag}"')
    return "".join(parsed.parts), parsed.entities[:MAX_ENTITIES]


def _bytes(markup: str, position: int) -> int:
    return len(markup[:position].encode("utf-8", "surrogatepass"))


def _open(parsed: _Parsed, name: str, attributes: str, offset: int) -> None:
    values = {
        key.lower(): unescape(double or single or bare)
        for key, double, single, bare in _ATTRIBUTE.findall(attributes)
    }
    entity: dict[str, Any] | None
    if name == "a":
        entity = {"type": "text_link", "url": values["href"]} if values.get("href") else None
    elif name == "span":
        if values.get("class") != "tg-spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" at byte offset {offset}')
        entity = {"type": "spoiler"}
    elif name == "tg-emoji":
        entity = {"type": "custom_emoji", "custom_emoji_id": values.get("emoji-id", "")}
    elif name == "blockquote" and "expandable" in values:
        entity = {"type": "expandable_blockquote"}
    elif name in _SIMPLE:
        entity = {"type": _SIMPLE[name]}
    else:
        raise EntityError(f'Unsupported start tag "{name}" at byte offset {offset}')
    parsed.stack.append(_Open(name, entity, parsed.units))


def _close(parsed: _Parsed, name: str, offset: int) -> None:
    if not parsed.stack:
        raise EntityError(f"Unexpected end tag at byte offset {offset}")
    opened = parsed.stack.pop()
    if name and name != opened.tag:
        raise EntityError(
            f"Unmatched end tag at byte offset {offset}, "
            f'expected "</{opened.tag}>", found "</{name}>"'
        )
    length = parsed.units - opened.start
    if opened.entity is not None and length > 0:
        place = {"offset": opened.start, "length": length}
        parsed.entities.append({**opened.entity, **place})
