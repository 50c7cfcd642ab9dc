"""`Content-Encoding`: every coding, broken data, and decompression bombs."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial

import brotli
import pytest
import zstandard

from app.articles.encoding import decode
from app.articles.reasons import PageUnreadableError, Reason

TEXT = b"The bridge over the river. " * 1000
LIMIT = 1024**2


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(level=1, wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


# As fast as they can: bombs are large.
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": partial(gzip.compress, compresslevel=1),
    "x-gzip": partial(gzip.compress, compresslevel=1),
    "deflate": partial(zlib.compress, level=1),
    "Deflate": raw_deflate,
    "br": partial(brotli.compress, quality=1),
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", PACKERS)
def test_unpacks(coding: str) -> None:
    assert decode(PACKERS[coding](TEXT), coding, LIMIT) == TEXT


def test_unpacks_several_layers_in_reverse() -> None:
    assert decode(brotli.compress(gzip.compress(TEXT)), "gzip, br", LIMIT) == TEXT


def test_gzip_may_have_several_members_and_padding() -> None:
    members = gzip.compress(TEXT[:1500]) + gzip.compress(TEXT[1500:])
    assert decode(members, "gzip", LIMIT) == TEXT
    assert decode(members + bytes(512), "gzip", LIMIT) == TEXT
    with pytest.raises(PageUnreadableError) as caught:
        decode(gzip.compress(bytes(LIMIT)) + gzip.compress(b"1"), "gzip", LIMIT)
    assert caught.value.reason is Reason.TOO_LARGE


def test_identity_is_not_an_encoding() -> None:
    assert decode(TEXT, " identity ", LIMIT) == TEXT


@pytest.mark.parametrize("coding", PACKERS)
@pytest.mark.parametrize("size", [LIMIT + 1, 300 * LIMIT])
def test_a_decompression_bomb_is_refused_without_unpacking_it(coding: str, size: int) -> None:
    bomb = PACKERS[coding](bytes(size))
    tracemalloc.start()
    try:
        with pytest.raises(PageUnreadableError) as caught:
            decode(bomb, coding, LIMIT)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.reason is Reason.TOO_LARGE
    assert peak < 16 * LIMIT


def test_exactly_the_limit_is_allowed() -> None:
    assert len(decode(gzip.compress(bytes(LIMIT)), "gzip", LIMIT)) == LIMIT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_wrongly_declared_encodings_are_broken(coding: str) -> None:
    with pytest.raises(PageUnreadableError) as caught:
        decode(b"<html>plain</html>", coding, LIMIT)
    assert caught.value.reason is Reason.BROKEN_ANSWER


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip, gzip", "aes128gcm"])
def test_unknown_or_too_many_codings_are_broken(coding: str) -> None:
    with pytest.raises(PageUnreadableError) as caught:
        decode(b"", coding, LIMIT)
    assert caught.value.reason is Reason.BROKEN_ANSWER


def test_empty_gzip_members_are_limited() -> None:
    """Each costs a copy of all that follow: of five megabytes, minutes altogether."""
    nothing = gzip.compress(b"")
    with pytest.raises(PageUnreadableError) as caught:
        decode(nothing * 1_000 + gzip.compress(TEXT), "gzip", LIMIT)
    assert caught.value.reason is Reason.BROKEN_ANSWER


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br"])
def test_a_cut_body_is_broken(coding: str) -> None:
    content = b"".join(number.to_bytes(4) for number in range(50_000))
    packed = PACKERS[coding](content)
    for length in len(packed) // 2, len(packed) - 9:
        with pytest.raises(PageUnreadableError) as caught:
            decode(packed[:length], coding, LIMIT)
        assert caught.value.reason is Reason.BROKEN_ANSWER


def test_a_truncated_zstd_body_is_kept_in_part() -> None:
    content = b"".join(number.to_bytes(4) for number in range(50_000))
    packed = zstandard.compress(content)
    unpacked = decode(packed[: len(packed) // 2], "zstd", LIMIT)
    assert content.startswith(unpacked)
