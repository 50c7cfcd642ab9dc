"""Bytes to characters, when what the server says about them may be wrong."""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]{1,40})", re.IGNORECASE)
_DECLARED_XML = re.compile(r"<\?xml[^>]{0,100}?encoding\s*=\s*[\"']([\w.:+-]{1,40})")
_META_BYTES = 4096
_SAMPLE_BYTES = 64 * 1024
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_LETTERS_IN_A_ROW = 1.5
# Servers claim these by default, and every sequence of bytes is valid in them.
_CLAIMED_BY_DEFAULT = frozenset({"ascii", "iso8859-1", "cp1252"})


def decode(body: bytes, content_type: str) -> str:
    """The text of an HTML page or plain document; never fails, at worst some characters are lost.

    A byte order mark decides; then UTF-8, which other encodings practically never happen to be;
    then what the server or the page declares; then a guess from the bytes.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    declared = _declared(body, content_type)
    # What those of seven bits, and UTF-16 with its zeros, make of ASCII is UTF-8 without being it.
    others = ("iso2022", "hz", *(("utf-16", "utf-32") if b"\0" in body[:_META_BYTES] else ()))
    if not any(name.startswith(others) for name in declared):
        declared.insert(0, "utf-8")
    for name in declared:
        if name not in _CLAIMED_BY_DEFAULT and (text := _decoded(body, name)) is not None:
            return text
    return _nearly_utf_8(body) or _guessed(body) or body.decode("cp1252", "replace")


def _declared(body: bytes, content_type: str) -> list[str]:
    beginning = body[:_META_BYTES].decode("ascii", "replace")
    found = [
        pattern.search(where)
        for pattern, where in (
            (_DECLARED, content_type),
            (_DECLARED, beginning),
            (_DECLARED_XML, beginning),
        )
    ]
    names = []
    for match in found:
        try:
            if match:
                names.append(codecs.lookup(match[1]).name)
        except LookupError:
            continue
    return names


def _decoded(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (LookupError, ValueError):  # LookupError: "zip" and its like are codecs but no charsets
        return None


def _nearly_utf_8(body: bytes) -> str | None:
    """UTF-8 with some damage, such as an end that was cut off."""
    text = body.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = len(_NOT_ASCII.findall(text)) - damaged
    return text if whole > damaged else None


def _guessed(body: bytes) -> str | None:
    runs = _HIGH_BYTES.findall(body[:_SAMPLE_BYTES])
    if sum(map(len, runs)) < _LETTERS_IN_A_ROW * len(runs):
        return None  # single letters among ASCII: a western language, with too little to guess from
    from charset_normalizer import from_bytes  # noqa: PLC0415 - rarely needed

    guess = from_bytes(body[:_SAMPLE_BYTES]).best()
    return body.decode(guess.encoding, "replace") if guess else None
