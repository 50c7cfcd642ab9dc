"""Rich messages: their typed blocks, and what the Bot API refuses in them.

https://core.telegram.org/bots/api#inputrichmessage has the types and the limits; the words of the
complaints are not documented there, but for the first ones of every type. Only `blocks` are
simulated, and of them those without media that are uploaded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from simulators.telegram.entities import utf16_length
from simulators.telegram.parameters import MAX_CALLBACK_DATA, bad_request
from simulators.telegram.state import Json

MAX_CHARACTERS = 32_768
MAX_BLOCKS = 500
MAX_LEVELS = 16
MAX_MEDIA = 50
MAX_COLUMNS = 20
MAX_BUTTONS = 8
MAX_TEXT_LEVELS = 16
# Texts that format another one, and the fields that they need besides it.
_FORMATS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        ("bold", "italic", "underline", "strikethrough", "spoiler", "code", "marked"), ()
    ),
    "url": ("url",),
    "date_time": ("unix_time", "date_time_format"),
}
_DATE_TIME = re.compile(r"r|w?[dD]?[tT]?")
_ALIGNED, _VALIGNED = ("left", "center", "right"), ("top", "middle", "bottom")
_KINDS_OF_BUTTON = ("url", "callback_data", "copy_text", "disabled")


@dataclass(slots=True)
class _Measured:
    characters: int = 0
    blocks: int = 0
    media: int = 0


def rich_message_of(parameters: Json) -> Json:
    """The rich message of a call.

    Raises:
        ApiError: it is missing, malformed, or too large.
    """
    given = parameters.get("rich_message")
    if not isinstance(given, dict):
        bad_request("rich message is empty")
    forms = [name for name in ("blocks", "html", "markdown") if given.get(name)]
    if len(forms) != 1:
        bad_request("exactly one of the fields blocks, html and markdown must be used")
    if forms != ["blocks"]:
        bad_request(f"{forms[0]} is not simulated; use blocks")
    measured = _Measured()
    _blocks(given["blocks"], measured, 1)
    if not measured.characters and not measured.media:
        bad_request("rich message is empty")
    return {"blocks": given["blocks"], "is_rtl": bool(given.get("is_rtl"))}


def _blocks(blocks: Any, measured: _Measured, level: int) -> None:
    if not isinstance(blocks, list) or not blocks:
        bad_request("can't parse rich message: list of blocks is empty")
    if level > MAX_LEVELS:
        bad_request("RICH_MESSAGE_DEPTH_INVALID")
    for block in blocks:
        _block(block, measured, level)


def _block(block: Any, measured: _Measured, level: int) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    check = _BLOCKS.get(str(kind))
    if check is None:
        bad_request(f"can't parse rich message: unsupported block type {kind!r}")
    _counted(measured)
    check(block, measured, level)


def _counted(measured: _Measured) -> None:
    measured.blocks += 1
    if measured.blocks > MAX_BLOCKS:
        bad_request("RICH_MESSAGE_BLOCKS_TOO_MUCH")


def _text(text: Any, measured: _Measured, level: int = 1) -> None:
    if level > MAX_TEXT_LEVELS:
        bad_request("RICH_MESSAGE_DEPTH_INVALID")
    if isinstance(text, str):
        measured.characters += utf16_length(text)
        if measured.characters > MAX_CHARACTERS:
            bad_request("message is too long")
    elif isinstance(text, list):
        for one in text:
            _text(one, measured, level + 1)
    elif isinstance(text, dict) and text.get("type") in _FORMATS:
        for name in _FORMATS[text["type"]]:
            if name not in text:
                bad_request(f"can't parse rich text: Can't find field \"{name}\"")
        if not _DATE_TIME.fullmatch(str(text.get("date_time_format", ""))):
            bad_request("invalid date_time_format specified")
        _text(text.get("text"), measured, level + 1)
    else:
        bad_request("can't parse rich text")


def _of_text(block: Json, measured: _Measured, level: int) -> None:
    _text(block.get("text"), measured)


def _heading(block: Json, measured: _Measured, level: int) -> None:
    if block.get("size") not in range(1, 7):
        bad_request("invalid heading size specified")
    _text(block.get("text"), measured)


def _details(block: Json, measured: _Measured, level: int) -> None:
    _text(block.get("summary"), measured)
    _blocks(block.get("blocks"), measured, level + 1)


def _list(block: Json, measured: _Measured, level: int) -> None:
    for item in block.get("items") or bad_request("list of items is empty"):
        _counted(measured)
        _blocks(item.get("blocks"), measured, level + 1)


def _table(block: Json, measured: _Measured, level: int) -> None:
    for row in block.get("cells") or bad_request("table is empty"):
        _counted(measured)
        if not 1 <= len(row) <= MAX_COLUMNS:
            bad_request("wrong number of columns in a table")
        for cell in row:
            if cell.get("align") not in _ALIGNED or cell.get("valign") not in _VALIGNED:
                bad_request("invalid alignment of a table cell specified")
            if "text" in cell:
                _text(cell["text"], measured)


def _buttons(block: Json, measured: _Measured, level: int) -> None:
    row = block.get("buttons") or []
    if not 1 <= len(row) <= MAX_BUTTONS:
        bad_request("wrong number of buttons in a row")
    for button in row:
        _text(button.get("text"), measured)
        kinds = [name for name in _KINDS_OF_BUTTON if name in button]
        if len(kinds) != 1:
            bad_request("exactly one type of a button must be specified")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= MAX_CALLBACK_DATA:
            bad_request("BUTTON_DATA_INVALID")


def _photo(block: Json, measured: _Measured, level: int) -> None:
    measured.media += 1
    if measured.media > MAX_MEDIA:
        bad_request("RICH_MESSAGE_MEDIA_TOO_MUCH")
    photo = block.get("photo")
    if not isinstance(photo, dict) or not str(photo.get("media", "")).startswith("https://"):
        bad_request("wrong HTTP URL specified")
    # The original loads the picture; names under .invalid never resolve (RFC 6761).
    if (urlsplit(photo["media"]).hostname or "").endswith(".invalid"):
        bad_request("failed to get HTTP URL content")


def _divider(block: Json, measured: _Measured, level: int) -> None:
    """A line between blocks; it has no fields."""


_BLOCKS: dict[str, Callable[[Json, _Measured, int], None]] = {
    "paragraph": _of_text,
    "footer": _of_text,
    "expandable_blockquote": _of_text,
    "heading": _heading,
    "details": _details,
    "list": _list,
    "table": _table,
    "buttons": _buttons,
    "photo": _photo,
    "divider": _divider,
}
