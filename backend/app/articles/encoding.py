"""Decodes `Content-Encoding` within limits: a few kilobytes may expand to gigabytes."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import brotli
import zstandard

from app.articles.reasons import PageUnreadableError, Reason

ACCEPTED = "gzip, deflate, br, zstd"
LAYERS = 2
# Files with random access have a member for each 64 kB. An empty member has 20 bytes, and the data
# after it is copied for each of them.
GZIP_MEMBERS = 500
ZSTD_WINDOW_BYTES = 8 * 1024**2  # the limit for senders on the web in RFC 9659


def decode(body: bytes, content_encoding: str, limit: int) -> bytes:
    """Decode a body as its `Content-Encoding` header says.

    Raises:
        PageUnreadableError: it exceeds `limit` bytes, is broken, or has another encoding.
    """
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip())]
    codings = [name for name in names if name != "identity"]
    if len(codings) > LAYERS or not _DECODERS.keys() >= set(codings):
        raise PageUnreadableError(Reason.BROKEN_ANSWER, f"encoded as {content_encoding[:80]!r}")
    for coding in reversed(codings):
        try:
            # One additional byte distinguishes "exactly the limit" from "too large".
            body = _DECODERS[coding](body, limit + 1)
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise PageUnreadableError(Reason.BROKEN_ANSWER, f"{coding}: {error}") from error
        if len(body) > limit:
            raise PageUnreadableError(Reason.TOO_LARGE, f"more than {limit} bytes unpacked")
    return body


def _gzip(body: bytes, most: int) -> bytes:
    # All members (RFC 1952, section 2.2); data after them that is not a member is padding.
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
        raise zlib.error("too many members")
    return _whole(content, whole, most)


def _deflate(body: bytes, most: int) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        content = decompressor.decompress(body, most)
    except zlib.error:  # many servers omit the wrapper of RFC 1950
        decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
        content = decompressor.decompress(body, most)
    return _whole(content, decompressor.eof, most)


def _whole(content: bytes, ended: bool, most: int) -> bytes:
    """`content`, unless it was truncated: another attempt may fetch all of it."""
    if not ended and len(content) < most:
        raise zlib.error("it is truncated")
    return content


def _brotli(body: bytes, most: int) -> bytes:
    # The limit applies to buffered output, so repeat until there is enough or no more.
    decompressor = brotli.Decompressor()
    content: bytes = decompressor.process(body, output_buffer_limit=most)
    while len(content) < most and not decompressor.is_finished():
        more = decompressor.process(b"", output_buffer_limit=most)
        if not more:
            raise brotli.error("it is truncated")
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
