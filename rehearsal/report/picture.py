"""Draws a drill: the times of polls, silences, and the latency of replies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from rehearsal.drills import Drill
from rehearsal.load import Load
from simulators.accounting import LATE_SECONDS

MARK_ROW, MARK_LETTER = 15, 6.4  # height of a row of labels, and width of a letter, in pixels
POLLS_HEIGHT, LATENCY_HEIGHT = 24, 130
MIN_SCALE_SECONDS = 1.0
TAIL_SECONDS = 0.5
STEPS = (0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300)


@dataclass(frozen=True, slots=True)
class Shape:
    """The layout of the picture, for a screen or a phone."""

    name: str
    width: int
    left: int
    right: int
    ticks: int
    """The largest number of seconds labelled on the time axis."""

    def x(self, at: float, drill: Drill) -> float:
        inner = self.width - self.left - self.right
        return self.left + (at - drill.began) / (drill.ended - drill.began) * inner


WIDE = Shape("wide", 960, 64, 14, 16)
NARROW = Shape("narrow", 380, 46, 10, 7)


def picture(drill: Drill, load: Load, shape: Shape) -> str:
    """The drill as an SVG element."""
    asked = {number: at for number, at in load.asked.items() if drill.began <= at <= drill.ended}
    # After the last command and mark there are only replies.
    moments = [*asked.values(), *(mark.at for mark in drill.marks)]
    drill = replace(drill, ended=min(drill.ended, max(moments, default=drill.ended) + TAIL_SECONDS))
    points = [
        (asked[answer.number], answer.at - asked[answer.number])
        for answer in load.answers
        if answer.number in asked
    ]
    polls = [at for at in load.polls if drill.began <= at <= drill.ended]
    labels, rows = _labels(drill, shape)
    top = rows * MARK_ROW + 8
    bottom = top + POLLS_HEIGHT + 20 + LATENCY_HEIGHT
    parts = [
        f'<svg class="{shape.name}" viewBox="0 0 {shape.width} {bottom + 24}" role="img"'
        f' aria-label="{escape(drill.name)}">',
        *_latencies(drill, shape, points, bottom),
        *_polls(drill, shape, polls, top),
        *_time(drill, shape, bottom),
        *_marks(drill, shape, labels, bottom),
        "</svg>",
    ]
    return "\n".join(parts)


def _polls(drill: Drill, shape: Shape, polls: Sequence[float], top: float) -> list[str]:
    ticks = "".join(f"M{shape.x(at, drill):.1f} {top}v{POLLS_HEIGHT}" for at in polls)
    parts = [
        _label(shape, top + POLLS_HEIGHT / 2 + 4, "polls"),
        f'<path class="poll" d="{ticks}"/>',
    ]
    gaps = list(pairwise(polls))
    if gaps:
        earlier, later = max(gaps, key=lambda gap: gap[1] - gap[0])
        left, right = shape.x(earlier, drill), shape.x(later, drill)
        parts.append(
            f'<rect class="silence" x="{left:.1f}" y="{top - 2}"'
            f' width="{max(1.0, right - left):.1f}" height="{POLLS_HEIGHT + 4}"/>'
        )
        middle = min(max((left + right) / 2, shape.left + 40), shape.width - shape.right - 40)
        parts.append(
            f'<text class="silence" x="{middle:.1f}" y="{top + POLLS_HEIGHT + 14}">'
            f"{later - earlier:.2f} s silent</text>"
        )
    return parts


def _latencies(
    drill: Drill, shape: Shape, points: Sequence[tuple[float, float]], bottom: float
) -> list[str]:
    worst = max([MIN_SCALE_SECONDS, *(latency for _, latency in points)])
    step = next((step for step in STEPS if worst / step <= 4), STEPS[-1])
    most = step * (int(worst / step) + 1)
    right = shape.width - shape.right
    parts = []

    def y(latency: float) -> float:
        return bottom - latency / most * LATENCY_HEIGHT

    for line in range(round(most / step) + 1):
        at = y(line * step)
        parts.append(
            f'<path class="grid" d="M{shape.left} {at:.1f}H{right}"/>'
            + _label(shape, at + 4, f"{line * step:g} s")
        )
    if most > LATE_SECONDS:
        parts.append(f'<path class="late" d="M{shape.left} {y(LATE_SECONDS):.1f}H{right}"/>')
    dots = "".join(f"M{shape.x(at, drill):.1f} {y(latency):.1f}h0" for at, latency in points)
    parts.append(f'<path class="answer" d="{dots}"/>')
    return parts


def _time(drill: Drill, shape: Shape, bottom: float) -> Iterable[str]:
    length = drill.ended - drill.began
    step = next((step for step in STEPS if step >= 1 and length / step <= shape.ticks), STEPS[-1])
    for second in range(0, int(length) + 1, int(step)):
        x = shape.x(drill.began + second, drill)
        if x <= shape.width - 16:
            yield f'<text class="tick" x="{x:.1f}" y="{bottom + 17}">{second} s</text>'


def _labels(drill: Drill, shape: Shape) -> tuple[list[tuple[float, int, str]], int]:
    """The position of each mark's label, x and row, without overlaps; and the number of rows."""
    ends: list[float] = []
    placed = []
    for mark in drill.marks:
        x, width = shape.x(mark.at, drill), len(mark.label) * MARK_LETTER
        start = min(x, shape.width - width)
        row = next((row for row, end in enumerate(ends) if end + 6 <= start), len(ends))
        ends[row : row + 1] = [start + width]
        placed.append((start, row, mark.label))
    return placed, len(ends)


def _marks(
    drill: Drill, shape: Shape, labels: Sequence[tuple[float, int, str]], bottom: float
) -> Iterable[str]:
    for mark, (start, row, text) in zip(drill.marks, labels, strict=True):
        x, y = shape.x(mark.at, drill), (row + 1) * MARK_ROW - 3
        yield f'<path class="mark" d="M{x:.1f} {y + 3}V{bottom}"/>'
        yield f'<text class="mark" x="{start:.1f}" y="{y}">{escape(text)}</text>'


def _label(shape: Shape, y: float, text: str) -> str:
    return f'<text class="label" x="{shape.left - 8}" y="{y:.0f}">{escape(text)}</text>'
