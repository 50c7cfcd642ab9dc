"""Composes a story's card, and the explanation of why a reader got it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count

from app.digests.addresses import hn_link
from app.digests.buttons import Button
from app.digests.candidates import DiscussionPoint
from app.digests.compose import Composed
from app.digests.description import StoryBlock, describe_story
from app.digests.history import PastStory
from app.digests.parts import (
    MAX_LINKS,
    MAX_POINT,
    MAX_TITLE,
    discussion_line,
    discussion_read,
    facts,
    for_you,
    linked_title,
    sentences,
    title_link,
)
from app.digests.round import COMMENT_WEIGHT, COMMENTS
from app.digests.select import INTEREST, LEARNED, SelectedStory
from app.readers.interests.topics import interest_name
from app.readers.opinions import StoryOpinions
from app.readers.schedule import zone
from app.readers.store import Reader
from app.text.telegram_html import link, single_line, size, without_links
from app.wording import Html, text
from app.wording.dates import past_day

MAX_SENTENCES = 1500
# A smaller term would be shown as 0.0.
MIN_TOLD = 0.05


@dataclass(frozen=True, slots=True)
class CardState:
    """The parts of a card that depend on the chat: the story's origin, opinions and whether
    saved.
    """

    reception: StoryOpinions
    is_private: bool = True
    related: Sequence[PastStory] = ()
    is_followed: bool = False


def compose_card(
    choice: SelectedStory, reader: Reader, state: CardState, now: datetime
) -> Composed:
    """The card's message: everything known about a story, as far as it fits.

    The terms of `choice` are empty for a story that was in no digest.
    """
    language = reader.language
    story = describe_story(choice, reader.style, reads=reader.reads)
    html = f"<b>{linked_title(story.id, story.title, story.page_url)}</b>\n{facts(story, language)}"
    for part in (*_parts(story, reader, now), _related(state.related, reader)):
        longer = f"{html}\n\n{part}"
        if part and size(longer).fits:
            html = longer
    return Composed(html, _buttons(story.id, language, state, chosen=bool(choice.terms)))


def _parts(story: StoryBlock, reader: Reader, now: datetime) -> Iterator[str]:
    language = reader.language
    yield for_you(story, language)
    yield sentences(story, language, MAX_SENTENCES)
    if story.key_points:
        points = [without_links(point, MAX_POINT, story.site) for point in story.key_points]
        yield _listed("card.key_points", points, language)
    if (talk := story.discussion) is None:
        return
    if not talk.voices:
        yield discussion_line(story, language, MAX_POINT)
    numbers = count(1)
    for key, claims in (
        ("card.voices", talk.voices),
        ("card.agreements", talk.agreements),
        ("card.disagreements", talk.disagreements),
    ):
        yield _claims(key, claims, story.site, language, numbers)
    yield discussion_read(talk, reader, now)


def _related(stories: Sequence[PastStory], reader: Reader) -> str:
    """Related stories that the reader saw earlier."""
    here, language = zone(reader.timezone), reader.language
    items = [
        f"{title_link(one)} ({past_day(one.at.astimezone(here).date(), language)})"
        for one in stories
    ]
    return _listed("card.related", items, language) if items else ""


def _claims(
    key: str,
    points: Sequence[DiscussionPoint],
    site: str | None,
    language: str,
    numbers: Iterator[int],
) -> str:
    """Statements of commenters, each with links to the comments that support it; `numbers` are
    those of the links.
    """
    items = []
    for point in points:
        links = " ".join(
            link(hn_link(comment_id), f"[{next(numbers)}]")
            for comment_id in point.comment_ids[:MAX_LINKS]
        )
        items.append(f"{without_links(point.text, MAX_POINT, site)} {links}".rstrip())
    return _listed(key, items, language) if items else ""


def _listed(key: str, items: Sequence[str], language: str) -> str:
    return "\n".join([text(key, language), *(f"• {item}" for item in items)])


def _buttons(
    story_id: int, language: str, state: CardState, *, chosen: bool
) -> tuple[tuple[Button, ...], ...]:
    received = state.reception
    opinions = (
        (text("card.saved" if received.saved else "card.save", language), f"save:{story_id}:card"),
        (_opinion("card.like", received.likes, language, state), f"like:{story_id}:card"),
        (_opinion("card.dislike", received.dislikes, language, state), f"dislike:{story_id}:card"),
    )
    why = (text("card.why", language), f"why:{story_id}")
    ask = (text("card.ask", language), f"ask:{story_id}")
    share = (text("card.share", language), f"share:{story_id}")
    follow = (text(_following(state), language), f"follow:{story_id}:card")
    return (opinions, (follow, ask), (share, why) if chosen else (share,))


def _following(state: CardState) -> str:
    """The key of the label that says whether the story is followed."""
    if not state.is_followed:
        return "card.follow"
    return "card.followed" if state.is_private else "card.followed_in_group"


def _opinion(key: str, number: int, language: str, state: CardState) -> str:
    """A button's label: ticked for the reader's own opinion, or with the count in a group."""
    label = text(key, language)
    if not number:
        return label
    return f"✓ {label}" if state.is_private else f"{label} {number}"


def _counted(kind: str, value: float) -> int:
    """The points or comments that a term stands for: the numbers at that time, not now."""
    return round(math.expm1(value / COMMENT_WEIGHT if kind == COMMENTS else value))


def compose_why(choice: SelectedStory, language: str) -> str:
    """An explanation of the terms of a story's score."""
    candidate = choice.candidate
    title = Html(without_links(candidate.title, MAX_TITLE, candidate.site))
    lines = [text("why.heading", language, title=title)]
    for name, value in choice.terms.items():
        if abs(value) < MIN_TOLD:
            continue
        kind, _, phrase = name.partition(":")
        if kind in (INTEREST, LEARNED) and value < 0:
            kind = "dislike"
        what = text(
            f"why.{kind}",
            language,
            phrase=single_line(interest_name(phrase, language), MAX_TITLE),
            count=_counted(kind, value),
            site=candidate.site or "",
        )
        lines.append(text("why.line", language, value=f"{value:+.1f}", what=Html(what)))
    total = text("why.total", language, score=f"{choice.score:.1f}")
    return "\n".join([*lines, total])
