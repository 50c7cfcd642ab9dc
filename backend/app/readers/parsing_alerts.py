"""Parses typed settings of alerts: points, the most per day, and words, in one or several lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

from app.readers.interests.topics import MAX_INTERESTS, parse_phrases
from app.readers.parsing import MAX_ALERTS, MAX_POINTS, alerts_a_day, is_off, is_points, number
from app.text.phrases import fold_phrase
from app.wording import text
from app.wording.shown import match_value
from app.wording.typed_words import in_order, is_talk, without_talk

# The marks on the page's buttons: on and off.
ON, OFF = "🔔", "🔕"
# One more than is used: a reader's words, the points and the most per day.
MAX_PARTS = MAX_INTERESTS + 3
# The settings show one "or".
MAX_ALTERNATIVES = 4
_SEPARATORS = re.compile(r"[,;\n]+")


@dataclass(slots=True)
class ParsedAlerts:
    """New `settings`, and the words whose alerts are turned on and off."""

    settings: dict[str, object] = field(default_factory=dict)
    on: list[str] = field(default_factory=list)
    off: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.settings or self.on or self.off)


def parse_alerts(words: str, language: str) -> ParsedAlerts:
    """The parsed settings; empty if any part is a number out of bounds or cannot be parsed."""
    typed = ParsedAlerts()
    for part in _parts(words, language):
        try:
            _take(part, language, typed)
        except ValueError:
            return ParsedAlerts()
        if max(len(typed.on), len(typed.off)) > MAX_INTERESTS:
            break
    return typed


def _parts(words: str, language: str) -> list[str]:
    """The first distinct parts, separated by commas and the word for "or"."""
    parts = dict.fromkeys(filter(None, map(str.strip, _SEPARATORS.split(words))))
    words_for_or = [text("settings.or", one) for one in in_order(language)]
    pieces = (
        piece
        for part in islice(parts, MAX_PARTS)
        for piece in _alternatives(part, words_for_or, language)
    )
    return list(islice(pieces, MAX_PARTS))


def _alternatives(part: str, words_for_or: Sequence[str], language: str) -> list[str]:
    """The part, divided at the word for "or" if one of the pieces is a number of points."""
    for word in words_for_or:
        if word in part and not is_points(part, language):
            pieces = part.split(word, MAX_ALTERNATIVES)
            if any(is_points(piece, language) for piece in pieces):
                return pieces
    return [part]


def _take(part: str, language: str, typed: ParsedAlerts) -> None:
    if is_off(part, language):
        typed.settings["alert_points"] = 0
        return
    for key in "settings.at_most", "settings.a_day":
        if (value := match_value(part, key, language)) and value.isdecimal():
            typed.settings["alerts_per_day"] = number(value, language, least=1, most=MAX_ALERTS)
            return
    if (most := alerts_a_day(part, language)) is not None:
        typed.settings["alerts_per_day"] = most
        return
    if is_points(part, language):
        typed.settings["alert_points"] = number(part, language, least=1, most=MAX_POINTS)
        return
    about = match_value(part, "settings.about", language)
    mark = part.strip()[:1]
    phrases = parse_phrases(
        about or without_talk(part.strip().lstrip(ON + OFF), "alert", "courtesy")
    ).wanted
    if is_talk(part, "alert"):  # "let me know," before what is meant
        return
    known = typed.off if mark == OFF else typed.on
    folded = set(map(fold_phrase, known))
    for phrase in phrases:
        # "300 points and Rust"; 1984 alone is a word.
        if phrase != part and not phrase.isdecimal() and _is_setting(phrase, language):
            _take(phrase, language, typed)
        elif fold_phrase(phrase) not in folded:
            known.append(phrase)


def _is_setting(phrase: str, language: str) -> bool:
    return is_points(phrase, language) or alerts_a_day(phrase, language) is not None
