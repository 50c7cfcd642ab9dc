"""Decodes bytes to characters, although the declared encoding may be wrong."""

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
# Servers declare it by default, also under the names of ASCII and Latin-1, and almost any sequence
# of bytes is valid in it.
_CLAIMED_BY_DEFAULT = "windows-1252"
# Python's codec supports less than browsers do.
_BETTER_CODECS = {"gbk": "gb18030", "euc-jp": "euc_jis_2004"}
_IN_KOI8_RU = str.maketrans("\u255d\u256c", "\u045e\u040e")
# Windows' code pages under names that browsers do not support.
_CODE_PAGE = re.compile(r"(?:cp|ms|win-?)(\d{3,5})", re.IGNORECASE)
# Browsers refuse these, because they can hide scripts; here text is only read.
_OF_SEVEN_BITS = {"hz-gb-2312": "hz", "iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr"}
_ENCODED_IN_ASCII = frozenset(("iso-2022-jp", *_OF_SEVEN_BITS.values()))
_UTF_16 = frozenset(("utf-16le", "utf-16be"))
# The percentage of characters that may be invalid in a declared encoding.
_DAMAGED = 2


def decode(body: bytes, content_type: str) -> str:
    """The text of an HTML page or plain document; never fails, but characters may be lost.

    The order is: a byte order mark; UTF-8, which text in other encodings practically never is by
    accident; the encoding that the server or the page declares; a guess from the bytes.
    """
    for mark, name in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    declared = _declared(body, content_type)
    # The seven-bit encodings, and UTF-16 with its zeros, are also valid UTF-8.
    others = _ENCODED_IN_ASCII | (_UTF_16 if b"\0" in body[:_META_BYTES] else frozenset())
    if not others.intersection(declared):
        declared.insert(0, "utf-8")
    declared = [name for name in declared if name != _CLAIMED_BY_DEFAULT]
    for name in declared:
        if (text := _decoded(body, name, "strict")) is not None:
            return text
    if (text := _nearly_utf_8(body)) is not None:
        return text
    for name in declared:
        text = _decoded(body, name, "replace") or ""
        if 0 < 100 * text.count("\ufffd") <= _DAMAGED * len(_NOT_ASCII.findall(text)):
            return text
    return _guessed(body) or body.decode("cp1252", "replace")


def _declared(body: bytes, content_type: str) -> list[str]:
    """The encodings that the server or the page declares, as names of `_encoding`."""
    beginning = body[:_META_BYTES].decode("ascii", "replace")
    found = [
        pattern.search(where)
        for pattern, where in (
            (_DECLARED, content_type),
            (_DECLARED, beginning),
            (_DECLARED_XML, beginning),
        )
    ]
    names = [_encoding(match[1]) for match in found if match]
    return [name for name in names if name is not None]


def _encoding(label: str) -> str | None:
    """The codec that browsers use for a label
    (https://encoding.spec.whatwg.org/#names-and-labels).
    """
    from webencodings import lookup

    known = lookup(label) if label.isascii() else None
    if known is None:
        page = _CODE_PAGE.fullmatch(label)
        return f"cp{page[1]}" if page else None
    if known.name == "replacement":
        return _OF_SEVEN_BITS.get(label.lower())
    return _CLAIMED_BY_DEFAULT if known.name == "x-user-defined" else str(known.name)


def _decoded(body: bytes, name: str, errors: str) -> str | None:
    from webencodings import PYTHON_NAMES

    codec = _BETTER_CODECS.get(name) or PYTHON_NAMES.get(name, name)
    try:
        text = body.decode(codec, errors)
    except (LookupError, ValueError):
        return None
    return text.translate(_IN_KOI8_RU) if name == "koi8-u" else text


def _nearly_utf_8(body: bytes) -> str | None:
    """The body as UTF-8 with some damage, such as a truncated end."""
    text = body.decode("utf-8", "replace")
    damaged = text.count("\ufffd")
    whole = len(_NOT_ASCII.findall(text)) - damaged
    return text if whole > damaged else None


def _guessed(body: bytes) -> str | None:
    runs = _HIGH_BYTES.findall(body[:_SAMPLE_BYTES])
    if sum(map(len, runs)) < _LETTERS_IN_A_ROW * len(runs):
        return None  # single letters among ASCII: too little text for a guess
    from charset_normalizer import from_bytes

    guess = from_bytes(body[:_SAMPLE_BYTES]).best()
    return body.decode(guess.encoding, "replace") if guess else None
