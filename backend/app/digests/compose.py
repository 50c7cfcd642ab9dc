"""Digests as Telegram messages: escaped parts, joined, and split between stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.digests.parts import (
    Button,
    Size,
    discussion_line,
    facts,
    quiet,
    sentences,
    site,
    size,
    title_link,
)
from app.digests.select import INTEREST, Choice
from app.readers.phrases import words_of
from app.readers.store import Reader
from app.readers.times import coming
from app.wording import Html, text
from app.wording.dates import day_name

# A hundred buttons is what Telegram takes under one message, and a story has five.
MOST_STORIES = 20
PERSONALISED = "personalised"


@dataclass(frozen=True, slots=True)
class Composed:
    """One message: Telegram's HTML and its rows of buttons."""

    html: str
    buttons: tuple[tuple[Button, ...], ...]


_GAP = Size(2, 0)


@dataclass(frozen=True, slots=True)
class _Detail:
    """How many characters a story's summary and the line about its discussion may have."""

    sentences: int
    line: int


# The fullest with which a digest is one message is taken; one that is too long even so is split.
_FULL, _MEDIUM, _TIGHT = _Detail(700, 240), _Detail(330, 160), _Detail(220, 110)


def compose_digest(
    heading: str, choices: Sequence[Choice], style: str, language: str
) -> list[Composed]:
    """The messages of a digest: one where it fits, else more, split between stories."""
    for detail in _FULL, _MEDIUM, _TIGHT:
        messages = _compose(heading, choices, style, language, detail)
        if len(messages) == 1:
            return messages
    return _compose(heading, choices, style, language, _MEDIUM)


def _compose(
    heading: str, choices: Sequence[Choice], style: str, language: str, detail: _Detail
) -> list[Composed]:
    messages: list[Composed] = []
    html, taken, rows = heading, size(heading), list[tuple[Button, ...]]()
    for number, choice in enumerate(choices, 1):
        block = _story(number, choice, style, language, detail)
        longer = taken + _GAP + size(block)
        if rows and (not longer.fits or len(rows) == MOST_STORIES):
            messages.append(Composed(html, tuple(rows)))
            html, taken, rows = block, size(block), []
        else:
            html, taken = f"{html}\n\n{block}", longer
        rows.append(_row(number, choice.candidate.id))
    messages.append(Composed(html, tuple(rows)))
    return messages


def _row(number: int, story_id: int) -> tuple[Button, ...]:
    return (
        (str(number), f"story:{story_id}"),
        ("🔖", f"save:{story_id}"),
        ("👍", f"like:{story_id}"),
        ("👎", f"dislike:{story_id}"),
        ("💬", f"ask:{story_id}"),
    )


def _story(number: int, choice: Choice, style: str, language: str, detail: _Detail) -> str:
    candidate = choice.candidate
    lines = [
        f"<b>{number}. {title_link(candidate)}</b>{site(candidate)}",
        facts(candidate, language),
    ]
    summary = candidate.summary(style)
    if summary is not None:
        lines.append(sentences(candidate, summary, language, detail.sentences))
        if style == PERSONALISED:
            of_interest = points_of_interest(summary.key_points, choice)
            lines += [
                f"⭐ {quiet(point, detail.line, candidate.site)}" for point in of_interest[:1]
            ]
    lines.append(discussion_line(candidate, language, detail.line))
    return "\n".join(line for line in lines if line)


def points_of_interest(key_points: Sequence[str], choice: Choice) -> list[str]:
    """The key points that speak of an interest for which the story was chosen."""
    names = (name.partition(":") for name in choice.terms)
    phrases = [phrase for kind, _, phrase in names if kind == INTEREST]
    found = ((point, words_of([point])) for point in key_points)
    return [point for point, words in found if any(map(words.speak_of, phrases))]


def heading(kind: str, day: date, language: str) -> str:
    """The first line of a digest; `kind` is daily, weekly, asked or alert."""
    return text(f"digest.heading_{kind}", language, day=day_name(day, language))


def nothing_new(reader: Reader, now: datetime) -> str:
    """What to say to a reader who asked when there is nothing to tell."""
    described = Html(coming(reader, now))
    return text("digest.empty", reader.language, coming=described)
