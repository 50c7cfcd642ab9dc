"""Undoing `Content-Encoding` within bounds: a few kilobytes may unpack to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

from app.articles.reasons import Reason, UnreadableError

ACCEPTED = "gzip, deflate, br, zstd"
LAYERS = 2
# Files that are made to be read from any place have one for each 64 kB; a member of nothing has 20
# bytes, and what follows is copied for each of them.
GZIP_MEMBERS = 500
ZSTD_WINDOW_BYTES = 8 * 1024**2  # what RFC 9659 lets senders use on the web


def decode(body: bytes, content_encoding: str, limit: int) -> bytes:
    """The content of a body that was encoded as its `Content-Encoding` header says.

    Raises:
        UnreadableError: it is larger than `limit` bytes, broken, or encoded in another way.
    """
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip())]
    codings = [name for name in names if name != "identity"]
    if len(codings) > LAYERS or not _DECODERS.keys() >= set(codings):
        raise UnreadableError(Reason.BROKEN_ANSWER, f"encoded as {content_encoding[:80]!r}")
    for coding in reversed(codings):
        try:
            # One byte more than allowed tells "just right" from "too large".
            body = _DECODERS[coding](body, limit + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise UnreadableError(Reason.BROKEN_ANSWER, f"{coding}: {error}") from error
        if len(body) > limit:
            raise UnreadableError(Reason.TOO_LARGE, f"more than {limit} bytes unpacked")
    return body


def _gzip(body: bytes, most: int) -> bytes:
    # As many members as there are (RFC 1952, section 2.2); what is none behind them is padding.
    content, whole = b"", False
    for _ in range(GZIP_MEMBERS):
        if not body or len(content) >= most:
            break
        decompressor = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            content += decompressor.decompress(body, most - len(content))
        except zlib.error:
            if not whole:
                raise
            break
        whole, body = decompressor.eof, decompressor.unused_data
    else:
        raise zlib.error("more members than files have")
    return _whole(content, whole, most)


def _deflate(body: bytes, most: int) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(body, most)
    except zlib.error:  # many servers leave the wrapper of RFC 1950 out
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        content = decompressor.decompress(body, most)
    return _whole(content, decompressor.eof, most)


def _whole(content: bytes, ended: bool, most: int) -> bytes:
    """`content`, unless it was cut on its way: the next try may bring all of it."""
    if not ended and len(content) < most:
        raise zlib.error("it ends too early")
    return content


def _brotli(body: bytes, most: int) -> bytes:
    # The bound is on buffered output, so ask until there is enough or no more.
    decompressor = brotli.Decompressor()
    content: bytes = decompressor.process(body, output_buffer_limit=most)
    while len(content) < most and not decompressor.is_finished():
        more = decompressor.process(b"", output_buffer_limit=most)
        if not more:
            raise brotli.error("it ends too early")
        content += more
    return content[:most]


def _zstd(body: bytes, most: int) -> bytes:
    decompressor = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW_BYTES)
    with decompressor.stream_reader(body, read_across_frames=True) as reader:
        return reader.read(most)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
