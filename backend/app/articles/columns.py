"""Reorders the text of multi-column pages that were drawn row by row.

In drawing order such text runs across the gutters, and yields sentences that nobody wrote. The
page's layout, with spaces for empty places, shows where the gutters are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# The least number of lines, and their least average length; cells of tables are shorter.
MIN_LINES = 4
MIN_LENGTH = 18
# The least share of a page's lines with text in each column.
MIN_SHARE = 0.3
# The largest share of lines that cross a gutter: titles, abstracts, footnotes. For a gutter within
# a column it is lower, because gaps between words may align by chance.
MAX_CROSSING, MAX_CROSSING_OF_A_COLUMN = 0.5, 0.1
# The share of line ends at a gutter after which the drawing must continue in the other column.
MIN_ACROSS = 0.5
# Characters on each side of such a place that are compared.
COMPARED = 10
MAX_CHARACTERS = 100_000
_PIECE = re.compile(r"\S+(?: {1,2}\S+)*")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line between wide gaps, from column `start` to before column `end`."""

    start: int
    end: int
    text: str


Row = Sequence[Piece]


def reorder_columns(laid_out: str, drawn: str) -> str | None:
    """The lines of a page, column by column; None if it has no columns or is drawn in that order.

    Args:
        laid_out: the page's layout, with spaces for empty places.
        drawn: its text in drawing order.
    """
    rows = [_pieces(line) for line in laid_out[:MAX_CHARACTERS].split("\n") if line.strip()]
    gutter = _gutter(rows, MAX_CROSSING)
    if gutter is None or not _reads_across_columns(rows, gutter, drawn):
        return None
    return "\n".join(_by_columns(rows, gutter))


def _pieces(line: str) -> Row:
    return [Piece(*found.span(), " ".join(found[0].split())) for found in _PIECE.finditer(line)]


def _gutter(rows: Sequence[Row], max_crossing: float) -> int | None:
    """The leftmost start of the right one of two columns; None if there are no columns."""
    starts = sorted({piece.start for row in rows for piece in row})
    best, most = None, 0
    for gutter in starts:
        left, right, crossing = _parts(rows, gutter)
        lines = min(len(left), len(right))
        if lines > most and crossing <= max_crossing * len(rows) and _is_prose(left, right):
            best, most = gutter, lines
    return best if most >= max(MIN_LINES, MIN_SHARE * len(rows)) else None


def _parts(rows: Sequence[Row], gutter: int) -> tuple[list[str], list[str], int]:
    """The lines on both sides of a gutter, and the number of lines that cross it."""
    left: list[str] = []
    right: list[str] = []
    crossing = 0
    for row in rows:
        if _crosses_gutter(row, gutter):
            crossing += 1
            continue
        for side, lines in ((_side(row, 0, gutter), left), (_side(row, gutter), right)):
            if side:
                lines.append(_text(side))
    return left, right, crossing


def _is_prose(*columns: list[str]) -> bool:
    return all(lines and sum(map(len, lines)) >= MIN_LENGTH * len(lines) for lines in columns)


def _reads_across_columns(rows: Sequence[Row], gutter: int, drawn: str) -> bool:
    """Whether the text drawn after the end of a line is the line in the other column."""
    told = _BLANKS.sub("", drawn)
    places = across = 0
    for row in rows:
        left, right = _side(row, 0, gutter), _side(row, gutter)
        if left and right and not _crosses_gutter(row, gutter):
            places += 1
            end = _BLANKS.sub("", left[-1].text)[-COMPARED:]
            across += f"{end}{_BLANKS.sub('', right[0].text)[:COMPARED]}" in told
    return places >= MIN_LINES and across >= MIN_ACROSS * places


def _by_columns(rows: Sequence[Row], gutter: int | None) -> list[str]:
    """The lines in reading order; a line across a gutter separates what is above it from what is
    below.
    """
    if gutter is None:
        return [_text(row) for row in rows]
    lines: list[str] = []
    band: list[Row] = []
    for row in rows:
        if not _crosses_gutter(row, gutter):
            band.append(row)
            continue
        lines += [*_columns(band, gutter), _text(row)]
        band = []
    return lines + _columns(band, gutter)


def _columns(band: Sequence[Row], gutter: int) -> list[str]:
    lines: list[str] = []
    for start, end in ((0, gutter), (gutter, None)):
        column = [side for row in band if (side := _side(row, start, end))]
        lines += _by_columns(column, _gutter(column, MAX_CROSSING_OF_A_COLUMN))
    return lines


def _crosses_gutter(row: Row, gutter: int) -> bool:
    return any(piece.start < gutter < piece.end for piece in row)


def _side(row: Row, start: int, end: int | None = None) -> list[Piece]:
    return [piece for piece in row if piece.start >= start and (end is None or piece.start < end)]


def _text(row: Row) -> str:
    return " ".join(piece.text for piece in row)
