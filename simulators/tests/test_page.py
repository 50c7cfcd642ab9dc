"""The words of the chat page stand out from what is behind them, in the light and in the dark."""

from __future__ import annotations

import re

import pytest

from simulators.telegram.server import PAGE

MIN_CONTRAST = 4.5  # https://www.w3.org/TR/WCAG22/#contrast-minimum
WRITTEN_ON = {
    "ink": ("back", "panel", "mine", "his", "quiet"),
    "soft": ("back", "panel", "mine", "his", "quiet"),
    "link": ("panel", "mine", "his", "key", "quiet"),
    "on-strong": ("strong",),
    "on-notice": ("notice",),
}


def colours(*, dark: bool) -> dict[str, str]:
    light, others = re.findall(r":root \{([^}]+)\}", PAGE.read_text())
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", light))
    return found | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", others)) if dark else found


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_has_enough_contrast(dark: bool) -> None:
    found = colours(dark=dark)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    low = {
        (ink, paper): round(contrast(found[ink], found[paper]), 2)
        for ink, papers in WRITTEN_ON.items()
        for paper in papers
    }
    assert {pair: value for pair, value in low.items() if value < MIN_CONTRAST} == {}


def test_every_colour_of_words_is_one_of_these() -> None:
    style = PAGE.read_text().partition("<style>")[2].partition("</style>")[0]
    used = set(re.findall(r"[;{ ]color: ([^;}]+?)[;} ]", style))
    assert used <= {*(f"var(--{name})" for name in WRITTEN_ON), "inherit", "transparent", "#fff"}
    assert "opacity: ." not in style
