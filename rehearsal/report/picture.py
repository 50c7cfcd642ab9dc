"""A drill as a picture: when the bot polled, how long it was silent, how late its answers were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from rehearsal.drills import Drill
from rehearsal.load import Load

WIDTH, LEFT, RIGHT = 960, 90, 16
POLLS_TOP, POLLS_HEIGHT = 34, 26
LATENCY_TOP, LATENCY_HEIGHT = 78, 120
HEIGHT = LATENCY_TOP + LATENCY_HEIGHT + 34
LEAST_SCALE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class _Scale:
    began: float
    ended: float

    def x(self, at: float) -> float:
        return LEFT + (at - self.began) / (self.ended - self.began) * (WIDTH - LEFT - RIGHT)


def picture(drill: Drill, load: Load) -> str:
    """The drill as an SVG element."""
    scale = _Scale(drill.began, drill.ended)
    asked = {number: at for number, at in load.asked.items() if drill.began <= at <= drill.ended}
    points = [
        (asked[answer.number], answer.at - asked[answer.number])
        for answer in load.answers
        if answer.number in asked
    ]
    polls = [at for at in load.polls if drill.began <= at <= drill.ended]
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(drill.name)}">',
        *_polls(scale, polls),
        *_latencies(scale, points),
        *_axis(scale),
        *_marks(scale, drill),
        "</svg>",
    ]
    return "\n".join(parts)


def _polls(scale: _Scale, polls: Sequence[float]) -> list[str]:
    ticks = "".join(f"M{scale.x(at):.1f} {POLLS_TOP}v{POLLS_HEIGHT}" for at in polls)
    parts = [
        _label(POLLS_TOP + POLLS_HEIGHT / 2 + 4, "polls"),
        f'<path class="poll" d="{ticks}"/>',
    ]
    gaps = list(pairwise(polls))
    if gaps:
        earlier, later = max(gaps, key=lambda gap: gap[1] - gap[0])
        width = scale.x(later) - scale.x(earlier)
        parts.append(
            f'<rect class="silence" x="{scale.x(earlier):.1f}" y="{POLLS_TOP - 4}"'
            f' width="{max(1.0, width):.1f}" height="{POLLS_HEIGHT + 8}">'
            f"<title>silence of {later - earlier:.2f} s</title></rect>"
        )
    return parts


def _latencies(scale: _Scale, points: Sequence[tuple[float, float]]) -> list[str]:
    most = max([LEAST_SCALE_SECONDS, *(latency for _, latency in points)])
    bottom = LATENCY_TOP + LATENCY_HEIGHT
    parts = [
        f'<line class="frame" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>',
        _label(LATENCY_TOP + 10, f"{most:.1f} s"),
        _label(LATENCY_TOP + LATENCY_HEIGHT / 2, "latency"),
        _label(bottom, "0 s"),
    ]
    for at, latency in points:
        y = bottom - latency / most * LATENCY_HEIGHT
        parts.append(f'<circle class="answer" cx="{scale.x(at):.1f}" cy="{y:.1f}" r="1.6"/>')
    return parts


def _axis(scale: _Scale) -> list[str]:
    length = scale.ended - scale.began
    step = next((step for step in (1, 2, 5, 10, 20, 30, 60) if length / step <= 16), 120)
    bottom = LATENCY_TOP + LATENCY_HEIGHT
    return [
        f'<text class="tick" x="{scale.x(scale.began + second):.1f}" y="{bottom + 18}">'
        f"{second} s</text>"
        for second in range(0, int(length) + 1, step)
    ]


def _marks(scale: _Scale, drill: Drill) -> list[str]:
    bottom = LATENCY_TOP + LATENCY_HEIGHT
    parts = []
    for mark in drill.marks:
        x = scale.x(mark.at)
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="22" y2="{bottom}"/>')
        parts.append(f'<text class="mark" x="{x:.1f}" y="16">{escape(mark.label)}</text>')
    return parts


def _label(y: float, text: str) -> str:
    return f'<text class="label" x="{LEFT - 10}" y="{y:.0f}">{escape(text)}</text>'
