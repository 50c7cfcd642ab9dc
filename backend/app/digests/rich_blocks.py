"""The typed blocks of rich messages, and how much of them one message may have.

https://core.telegram.org/bots/api#inputrichmessage. Texts are strings, lists of texts, or objects
that format one; in typed blocks nothing has to be escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import unescape
from typing import Any

RichText = Any
Block = dict[str, Any]
RichMessage = dict[str, Any]

MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_LEVELS = 16
_TAG = re.compile(r"<[^>]*>")
# The fields that hold the blocks of a block, the items of a list, the rows of a table.
_NESTED = ("blocks", "items", "cells")


def bold(text: RichText) -> RichText:
    return {"type": "bold", "text": text}


def italic(text: RichText) -> RichText:
    return {"type": "italic", "text": text}


def linked(text: RichText, url: str) -> RichText:
    return {"type": "url", "text": text, "url": url}


def moment(text: str, at: datetime) -> RichText:
    """A time that clients show in the reader's zone and format; others show `text`.

    The format is a long date and a short time: `w?[dD]?[tT]?` of
    https://core.telegram.org/bots/api#date-time-entity-formatting.
    """
    return {
        "type": "date_time",
        "text": text,
        "unix_time": int(at.timestamp()),
        "date_time_format": "Dt",
    }


def paragraph(text: RichText) -> Block:
    return {"type": "paragraph", "text": text}


def heading(text: RichText, size: int) -> Block:
    """`size` is 1, the largest, to 6."""
    return {"type": "heading", "text": text, "size": size}


def details(summary: RichText, blocks: Sequence[Block]) -> Block:
    """Blocks behind a summary that is always shown."""
    return {"type": "details", "summary": summary, "blocks": list(blocks)}


def bullets(items: Sequence[RichText]) -> Block:
    return {"type": "list", "items": [{"blocks": [paragraph(item)]} for item in items]}


def photo(address: str) -> Block:
    """A picture that Telegram loads from an https address:
    https://core.telegram.org/bots/api#inputrichblockphoto.
    """
    return {"type": "photo", "photo": {"type": "photo", "media": address}}


def quotation(text: RichText) -> Block:
    """A quotation that is shown in full when it is tapped."""
    return {"type": "expandable_blockquote", "text": text}


def table(header: Sequence[RichText], row: Sequence[RichText]) -> Block:
    """A header and one row of values."""
    cells = [
        [_cell(text, is_header=True) for text in header],
        [_cell(text) for text in row],
    ]
    return {"type": "table", "cells": cells, "is_compact": True, "is_striped": True}


def _cell(text: RichText, *, is_header: bool = False) -> Block:
    cell: Block = {"text": text, "align": "center", "valign": "middle"}
    return cell | {"is_header": True} if is_header else cell


def buttons(row: Sequence[tuple[str, str]]) -> Block:
    """A row of up to eight buttons, each a label and its callback data."""
    return {
        "type": "buttons",
        "buttons": [{"text": label, "callback_data": data} for label, data in row],
    }


def footer(text: RichText) -> Block:
    return {"type": "footer", "text": text}


def message(blocks: Sequence[Block]) -> RichMessage:
    """A message without automatic links."""
    return {"blocks": list(blocks), "skip_entity_detection": True}


def words_of_html(html: str) -> str:
    """A text of the catalogue, which is HTML, as plain text."""
    return unescape(_TAG.sub("", html))


def fits(blocks: Sequence[Block]) -> bool:
    """Whether Telegram accepts the blocks as one message."""
    characters = sum(_units(words) for block in blocks for words in _words(block))
    number = sum(_count(block) for block in blocks)
    levels = max(map(_levels, blocks), default=0)
    return characters <= MAX_CHARACTERS and number <= MAX_BLOCKS and levels <= MAX_LEVELS


def _units(words: str) -> int:
    return len(words) if words.isascii() else len(words.encode("utf-16-le", "surrogatepass")) // 2


def _words(value: object) -> Iterator[str]:
    """Every text in a block, without names of types and data of buttons."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _words(one)
    elif isinstance(value, dict):
        for name in ("text", "summary", *_NESTED, "buttons"):
            yield from _words(value.get(name))


def _count(block: Block) -> int:
    """A block and all that counts as a block in it: blocks, items of lists, rows of tables."""
    number = 1
    for name in _NESTED:
        for one in block.get(name, ()):
            number += 1 if isinstance(one, list) else _count(one)
    return number


def _levels(block: Block) -> int:
    inner = [one for name in _NESTED for one in block.get(name, ()) if isinstance(one, dict)]
    return 1 + max(map(_levels, inner), default=0)
