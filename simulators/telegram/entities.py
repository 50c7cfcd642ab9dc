"""Parses Telegram's HTML: supported tags, error messages, and the resulting text.

https://core.telegram.org/bots/api#html-style. Offsets and lengths of entities count UTF-16 units;
offsets in error messages count bytes, as in the original.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
_TAGS = frozenset({*_SIMPLE, "a", "span", "tg-emoji"})
_START = re.compile(r"<([^\s>]*)")
_END = re.compile(r"</([^\s>]*)\s*")
_NAME = re.compile(r"\s*([^\s=>/\"']*)\s*")
_SPACE = re.compile(r"\s*")
_BARE = re.compile(r"[A-Za-z0-9.-]*")
_REFERENCE = re.compile(
    r"&(?:(lt|gt|amp|quot)(?![A-Za-z])|#([0-9]{1,10})|#[xX]([0-9a-fA-F]{1,8}));?"
)
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}


class EntityError(Exception):
    """The markup cannot be parsed; the message is that of the original."""


@dataclass(slots=True)
class _Open:
    tag: str
    entity: dict[str, Any] | None
    start: int


@dataclass(slots=True)
class _Parsed:
    markup: str
    position: int = 0
    parts: list[str] = field(default_factory=list)
    units: int = 0
    entities: list[dict[str, Any]] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)

    def add(self, words: str) -> None:
        words = _decoded(words)
        self.parts.append(words)
        self.units += utf16_length(words)

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Match `pattern`, which must also match the empty string, here, and move past it."""
        match = pattern.match(self.markup, self.position)
        assert match is not None
        self.position = match.end()
        return match

    def next_is(self, sign: str) -> bool:
        return self.markup.startswith(sign, self.position)

    def is_over(self) -> bool:
        return self.position >= len(self.markup)


def utf16_length(words: str) -> int:
    """The length of `words` as Telegram counts it."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def parse_html(markup: str) -> tuple[str, list[dict[str, Any]]]:
    """The text of `markup` and its entities, at most `MAX_ENTITIES` of them.

    Raises:
        EntityError: a tag is unknown, misplaced or not closed.
    """
    parsed = _Parsed(markup)
    while (begin := markup.find("<", parsed.position)) >= 0:
        parsed.add(markup[parsed.position : begin])
        parsed.position = begin
        place = f"at byte offset {_bytes(markup, begin)}"
        if parsed.next_is("</"):
            _close(parsed, place)
        else:
            _open(parsed, place)
    parsed.add(markup[parsed.position :])
    if parsed.stack:
        tag = parsed.stack[-1].tag
        raise EntityError(f'Can\'t find end tag corresponding to start tag "{tag}"')
    entities = sorted(parsed.entities, key=lambda entity: (entity["offset"], -entity["length"]))
    return "".join(parsed.parts), entities[:MAX_ENTITIES]


def _bytes(markup: str, position: int) -> int:
    return len(markup[:position].encode("utf-8", "surrogatepass"))


def _decoded(words: str) -> str:
    """`words` with supported character references replaced; others are unchanged."""
    decoded = _REFERENCE.sub(_referred, words)
    if any("\ud800" <= sign <= "\udfff" for sign in decoded):
        raise EntityError(
            "Text contains invalid Unicode characters after decoding HTML entities, "
            "check for unmatched surrogate code units"
        )
    return decoded


def _referred(match: re.Match[str]) -> str:
    name, decimal, hexadecimal = match.groups()
    if name:
        return _NAMED[name]
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0x10FFFF else match.group()


def _open(parsed: _Parsed, place: str) -> None:
    name = parsed.take(_START)[1].lower()
    if parsed.is_over():
        raise EntityError(f"Unclosed start tag {place}")
    if name not in _TAGS:
        raise EntityError(f'Unsupported start tag "{name}" {place}')
    values = _attributes(parsed, name, place)
    parsed.stack.append(_Open(name, _entity(name, values, place), parsed.units))


def _attributes(parsed: _Parsed, tag: str, place: str) -> dict[str, str]:
    """The attributes of the current tag, up to and including its `>`."""
    values: dict[str, str] = {}
    while True:
        name = parsed.take(_NAME)[1].lower()
        if not name and parsed.next_is(">"):
            parsed.position += 1
            return values
        if not name and not parsed.is_over():
            raise EntityError(f'Empty attribute name in the tag "{tag}" {place}')
        if parsed.next_is("="):
            parsed.position += 1
            parsed.take(_SPACE)
            values[name] = _value(parsed, tag, place)
        else:
            values[name] = ""
        if parsed.is_over():
            raise EntityError(f'Unclosed start tag "{tag}" {place}')


def _value(parsed: _Parsed, tag: str, place: str) -> str:
    if parsed.is_over():
        raise EntityError(f'Unclosed start tag "{tag}" {place}')
    quote = parsed.markup[parsed.position]
    if quote in "\"'":
        end = parsed.markup.find(quote, parsed.position + 1)
        if end < 0 or end + 1 == len(parsed.markup):
            raise EntityError(f"Unclosed start tag {place}")
        value = parsed.markup[parsed.position + 1 : end]
        parsed.position = end + 1
        return _decoded(value)
    begin = parsed.position
    value = parsed.take(_BARE)[0]
    if parsed.is_over() or not (parsed.next_is(">") or parsed.markup[parsed.position].isspace()):
        offset = _bytes(parsed.markup, begin)
        raise EntityError(f"Unexpected end of name token at byte offset {offset}")
    return value.lower()


def _entity(name: str, values: dict[str, str], place: str) -> dict[str, Any] | None:
    if name == "a":
        return {"type": "text_link", "url": values["href"]} if values.get("href") else None
    if name == "span":
        if values.get("class") != "tg-spoiler":
            raise EntityError(f'Tag "span" must have class "tg-spoiler" {place}')
        return {"type": "spoiler"}
    if name == "tg-emoji":
        return {"type": "custom_emoji", "custom_emoji_id": values.get("emoji-id", "")}
    if name == "blockquote" and "expandable" in values:
        return {"type": "expandable_blockquote"}
    return {"type": _SIMPLE[name]}


def _close(parsed: _Parsed, place: str) -> None:
    if not parsed.stack:
        raise EntityError(f"Unexpected end tag {place}")
    opened = parsed.stack.pop()
    name = parsed.take(_END)[1].lower()
    if not parsed.next_is(">"):
        raise EntityError(f"Unclosed end tag {place}")
    parsed.position += 1
    if name and name != opened.tag:
        raise EntityError(
            f'Unmatched end tag {place}, expected "</{opened.tag}>", found "</{name}>"'
        )
    length = parsed.units - opened.start
    if opened.entity is not None and length > 0:
        parsed.entities.append({**opened.entity, "offset": opened.start, "length": length})
