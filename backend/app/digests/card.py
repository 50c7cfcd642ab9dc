"""One story in full, and why a reader got it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from app.digests.candidates import Point
from app.digests.compose import PERSONALISED, Composed, points_of_interest
from app.digests.parts import (
    MOST_TITLE,
    Button,
    discussion_line,
    facts,
    hn_link,
    link,
    plain,
    quiet,
    sentences,
    site,
    size,
    title_link,
)
from app.digests.round import COMMENT_WEIGHT, COMMENTS
from app.digests.select import INTEREST, LEARNED, Choice
from app.wording import Html, text

MOST_SENTENCES = 1500
MOST_POINT = 300
MOST_LINKS = 3
# A term that would be shown as 0.0 tells nothing.
LEAST_TOLD = 0.05


def compose_card(choice: Choice, style: str, language: str, *, saved: bool) -> Composed:
    """Everything there is about a story, as far as one message holds it.

    The terms of `choice` are empty for a story that no digest brought.
    """
    candidate = choice.candidate
    html = f"<b>{title_link(candidate)}</b>{site(candidate)}\n{facts(candidate, language)}"
    for part in _parts(choice, style, language):
        longer = f"{html}\n\n{part}"
        if size(longer).fits:
            html = longer
    return Composed(html, _buttons(candidate.id, language, saved=saved, chosen=bool(choice.terms)))


def _parts(choice: Choice, style: str, language: str) -> list[str]:
    candidate = choice.candidate
    parts = []
    summary = candidate.summary(style)
    if summary is not None:
        parts.append(sentences(candidate, summary, language, MOST_SENTENCES))
        if summary.key_points:
            ordered = list(summary.key_points)
            if style == PERSONALISED:
                first = points_of_interest(ordered, choice)
                ordered = first + [point for point in ordered if point not in first]
            parts.append(
                _listed(
                    "card.key_points",
                    [quiet(point, MOST_POINT, candidate.site) for point in ordered],
                    language,
                )
            )
    if candidate.discussion:
        parts.append(discussion_line(candidate, language, MOST_POINT))
        for key, claims in (
            ("card.agreements", candidate.discussion.agreements),
            ("card.disagreements", candidate.discussion.disagreements),
        ):
            parts.append(_claims(key, claims, candidate.site, language))
    return [part for part in parts if part]


def _claims(key: str, points: Sequence[Point], site: str | None, language: str) -> str:
    """What commenters say, each with links to the comments that it rests on."""
    items = []
    for point in points:
        comments = enumerate(point.comment_ids[:MOST_LINKS], 1)
        links = " ".join(link(hn_link(comment_id), f"[{n}]") for n, comment_id in comments)
        items.append(f"{quiet(point.text, MOST_POINT, site)} {links}".rstrip())
    return _listed(key, items, language) if items else ""


def _listed(key: str, items: Sequence[str], language: str) -> str:
    return "\n".join([text(key, language), *(f"• {item}" for item in items)])


def _buttons(
    story_id: int, language: str, *, saved: bool, chosen: bool
) -> tuple[tuple[Button, ...], ...]:
    opinions = (
        (text("card.saved" if saved else "card.save", language), f"save:{story_id}:card"),
        (text("card.like", language), f"like:{story_id}"),
        (text("card.dislike", language), f"dislike:{story_id}"),
    )
    why = (text("card.why", language), f"why:{story_id}")
    ask = (text("card.ask", language), f"ask:{story_id}")
    return (opinions, (why, ask) if chosen else (ask,))


def _counted(kind: str, value: float) -> int:
    """How many points or comments a term stands for: those of then, not what there are now."""
    return round(math.expm1(value / COMMENT_WEIGHT if kind == COMMENTS else value))


def compose_why(choice: Choice, language: str) -> str:
    """The terms of a story's score, told."""
    candidate = choice.candidate
    title = Html(quiet(candidate.title, MOST_TITLE, candidate.site))
    lines = [text("why.heading", language, title=title)]
    for name, value in choice.terms.items():
        if abs(value) < LEAST_TOLD:
            continue
        kind, _, phrase = name.partition(":")
        if kind in (INTEREST, LEARNED) and value < 0:
            kind = "dislike"
        what = text(
            f"why.{kind}",
            language,
            phrase=plain(phrase, MOST_TITLE),
            count=_counted(kind, value),
            site=candidate.site or "",
        )
        lines.append(text("why.line", language, value=f"{value:+.1f}", what=Html(what)))
    total = text("why.total", language, score=f"{choice.score:.1f}")
    return "\n".join([*lines, total])
