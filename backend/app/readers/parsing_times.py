"""Parses typed times of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time

from app.wording import FALLBACK
from app.wording.typed_words import (
    MAX_TYPED,
    TimeWords,
    in_order,
    typed_words,
    without_courtesy,
)

_CLOCK = re.compile(r"(\d{1,2})(?:(?: ?[:.h] ?| )(\d{2})|(\d{2}))?")
_DIGITS = re.compile(r"\d[\d:.]*")
# "8 p.m.", in Spanish "8 p. m."
_DOTTED_HALF = re.compile(r"\b([ap])\. ?m\b")


def time_of_day(words: str, language: str = FALLBACK) -> time:
    """A time such as `8`, `8:30`, `0830`, `8 pm`, `noon` or `half past seven`, in any language.

    That of the reader, `language`, is tried first.

    Raises:
        ValueError: it is no time.
    """
    said = fold_time(words)
    for one in in_order(language):
        if (found := parse_spoken_time(said, typed_words(one).time)) is not None:
            return found
    raise ValueError(words)


def fold_time(words: str) -> str:
    """The words folded for `parse_spoken_time`, without politeness."""
    return _DOTTED_HALF.sub(r"\1m", without_courtesy(compact(words)))


def parse_spoken_time(said: str, known: TimeWords) -> time | None:
    """The time that folded words express in one language, or None."""
    if (whole := known.named.get(said)) is not None:
        return whole
    rest = said
    for _ in range(3):
        rest = without(rest, known.filler)
    if (whole := known.named.get(rest)) is not None:
        return whole
    rest, half = _half_of_the_day(rest, known)
    rest = without(rest, known.filler)
    if match := re.fullmatch(rf"(\d{{1,2}}) ?(?:{'|'.join(known.between)}) ?(\d{{1,2}})", rest):
        return _on_the_clock(int(match[1]), int(match[2]), 0, half)
    rest, shift = _part_of_the_hour(rest, known)
    if (hour := known.numbers.get(rest)) is not None:
        return _on_the_clock(hour, 0, shift, half)
    match = _CLOCK.fullmatch(rest)
    if match is None or (shift and (match[2] or match[3])):
        return None
    return _on_the_clock(int(match[1]), int(match[2] or match[3] or 0), shift, half)


def _half_of_the_day(said: str, known: TimeWords) -> tuple[str, str]:
    """The words without am, pm or night, and which of these there is, if any."""
    for name in ("am", "pm", "night"):
        for word in getattr(known, name):
            if said.endswith(f" {word}"):
                return said.removesuffix(word).strip(), name
            if said.startswith(f"{word} "):
                return said.removeprefix(word).strip(), name
    match = re.fullmatch(r"(\d[\d:.]*)(am|pm)", said)
    return (match[1], match[2]) if match else (said, "")


def _part_of_the_hour(said: str, known: TimeWords) -> tuple[str, int]:
    """The hour, and the minutes to add to it or subtract from it."""
    for pattern, minutes in known.parts:
        before, after = pattern.split("{hour}")
        if said.startswith(before) and said.endswith(after) and len(said) > len(before + after):
            return without(
                said[len(before) : len(said) - len(after)].strip(), known.filler
            ), minutes
    return said, 0


def without(said: str, filler: Sequence[str]) -> str:
    """`said` without filler words at its beginning or end."""
    for word in filler:
        said = said.removeprefix(f"{word} ").removesuffix(f" {word}")
        if said.endswith(word) and _DIGITS.fullmatch(said.removesuffix(word)):
            said = said.removesuffix(word)
    return said


def _on_the_clock(hour: int, minute: int, shift: int, half: str) -> time | None:
    if half:
        if half == "pm" and 12 < hour < 24:
            half = ""
        elif not 1 <= hour <= 12:
            return None
    if half == "am":
        hour %= 12
    elif half == "pm" or (half == "night" and 6 <= hour < 12):
        hour = hour % 12 + 12
    elif half == "night":
        hour %= 12
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    total = (hour * 60 + minute + shift) % (24 * 60)
    return time(*divmod(total, 60))


def compact(words: str) -> str:
    """The words with single spaces, so that patterns take linear time.

    Raises:
        ValueError: they are too long for any setting.
    """
    compact = " ".join(words[: 2 * MAX_TYPED].split())
    if len(words) > 2 * MAX_TYPED or len(compact) > MAX_TYPED:
        raise ValueError(words)
    return compact
