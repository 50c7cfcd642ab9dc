"""The picture of a page: coloured bands, drawn from the page's name, as PNG."""

from __future__ import annotations

import zlib
from hashlib import sha256
from struct import pack

WIDTH, HEIGHT = 640, 336
BANDS = 8


def picture_of(name: str) -> bytes:
    """A picture of `WIDTH` by `HEIGHT` pixels, the same for the same name."""
    colours = sha256(name.encode()).digest()
    rows = []
    for row in range(HEIGHT):
        band = row * BANDS // HEIGHT
        red, green, blue = colours[3 * band : 3 * band + 3]
        # The filter of the row, none, and its pixels, darker towards the right.
        pixels = (
            (red * rest // WIDTH, green * rest // WIDTH, blue * rest // WIDTH)
            for rest in range(2 * WIDTH, WIDTH, -1)
        )
        rows.append(b"\0" + bytes(part // 2 for pixel in pixels for part in pixel))
    header = pack("!IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(chunk: tuple[bytes, bytes]) -> bytes:
    """https://www.w3.org/TR/png-3/#5Chunk-layout"""
    kind, data = chunk
    return pack("!I", len(data)) + kind + data + pack("!I", zlib.crc32(kind + data))
