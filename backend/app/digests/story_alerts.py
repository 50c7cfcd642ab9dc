"""Story alerts: stories sent at once because of their score or a word in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.digests import store
from app.digests.make import Digest, compose
from app.digests.round import Round
from app.digests.sections import DigestSection
from app.digests.select import SelectedStory, excluded, personal_terms
from app.digests.store import NewDigest
from app.readers import due
from app.readers.due import AlertPreferences
from app.readers.interests.topics import interest_name
from app.readers.store import Reader
from app.readers.tastes import Taste, load_tastes
from app.wording import Html, text

# Older stories cause no alert, even if the reader has just turned alerts on.
NEWS = timedelta(hours=24)


async def make_alerts(
    connection: Connection, wishes: Sequence[AlertPreferences], stories: Round, now: datetime
) -> list[tuple[Reader, Digest]]:
    """Choose, store and compose the alerts that are due, at most one message per reader.

    A reader gets at most `alerts_per_day` stories a day, and an event only once.
    """
    wanted = await _wanted(connection, wishes, stories, now)
    readers = await due.lock_for_alerts(connection, list(wanted))
    chat_ids = [reader.chat_id for reader in readers]
    days = {reader.chat_id: due.digest_day(reader, "alert", now) for reader in readers}
    told = await store.count_alerts(connection, days)
    tastes = await load_tastes(connection, chat_ids)
    # Checked again under the lock: another instance may have sent them meanwhile.
    seen = await _seen(connection, stories, {chat_id: wanted[chat_id] for chat_id in chat_ids})
    alerts: dict[int, NewDigest] = {}
    for reader in readers:
        chat_id, taste = reader.chat_id, tastes[reader.chat_id]
        places = wanted[chat_id] - excluded(stories, taste, seen[chat_id])
        count = reader.alerts_per_day - told[chat_id]
        if choices := _choose(stories, places, taste, count):
            alerts[chat_id] = NewDigest(
                chat_id, "alert", days[chat_id], [DigestSection(None, tuple(choices))]
            )
    ids = await store.add_digests(connection, list(alerts.values()))
    wish_of = {wish.chat_id: wish for wish in wishes}
    return [
        (
            reader,
            compose(
                reader,
                ids[reader.chat_id],
                alerts[reader.chat_id],
                _why(reader, wish_of[reader.chat_id], alerts[reader.chat_id], stories),
            ),
        )
        for reader in readers
        if reader.chat_id in ids
    ]


async def _wanted(
    connection: Connection, wishes: Sequence[AlertPreferences], stories: Round, now: datetime
) -> dict[int, set[int]]:
    """For each reader the places of the stories to send, without those already seen."""
    news = {
        place: candidate.points
        for place, candidate in enumerate(stories.candidates)
        if now - candidate.lively_since <= NEWS
    }
    wanted: dict[int, set[int]] = {}
    for wish in wishes:
        if places := _fired(wish, stories, news):
            wanted[wish.chat_id] = places
    seen = await _seen(connection, stories, wanted)
    for chat_id, places in wanted.items():
        places -= {stories.place_by_id[story_id] for story_id in seen[chat_id]}
    return {chat_id: places for chat_id, places in wanted.items() if places}


def _fired(wish: AlertPreferences, stories: Round, news: Mapping[int, int]) -> set[int]:
    places = {place for place, points in news.items() if wish.points and points >= wish.points}
    for phrase in wish.phrases:
        places |= _stories_about(phrase, wish, stories, news)
    return places


def _stories_about(
    phrase: str, wish: AlertPreferences, stories: Round, news: Mapping[int, int]
) -> set[int]:
    """The places of stories about a phrase that have the points the reader wants."""
    return {
        place
        for place in stories.speaking_of(phrase) & news.keys()
        if news[place] >= wish.min_points
    }


def _why(reader: Reader, wish: AlertPreferences, alert: NewDigest, stories: Round) -> str:
    """The parts of a wish that a story matches, as plain text."""
    news = {
        stories.place_by_id[choice.candidate.id]: choice.candidate.points
        for choice in alert.choices
    }
    fired = [
        interest_name(phrase, reader.language)
        for phrase in wish.phrases
        if _stories_about(phrase, wish, stories, news)
    ]
    if wish.points and max(news.values()) >= wish.points:
        fired.append(text("settings.from_points", reader.language, count=wish.points))
    return text("digest.fired", reader.language, words=Html(", ".join(fired)))


async def _seen(
    connection: Connection, stories: Round, wanted: Mapping[int, set[int]]
) -> dict[int, set[int]]:
    places = set[int]().union(*wanted.values())
    return await store.seen_stories(connection, list(wanted), stories.ids_of(places))


def _choose(stories: Round, places: set[int], taste: Taste, count: int) -> list[SelectedStory]:
    personal = personal_terms(stories, taste)
    choices = (
        (
            place,
            SelectedStory(
                stories.candidates[place], stories.terms[place] | personal.get(place, {})
            ),
        )
        for place in places
    )
    chosen: dict[int, SelectedStory] = {}
    for place, choice in sorted(choices, key=lambda known: (-known[1].score, known[0])):
        if len(chosen) < count:
            chosen.setdefault(stories.events[place], choice)
    return list(chosen.values())
