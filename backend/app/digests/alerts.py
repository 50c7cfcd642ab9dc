"""Stories that some readers want to hear of at once: above a score, or with a word in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.digests import store
from app.digests.make import Digest, compose
from app.digests.round import Round
from app.digests.select import Choice, excluded, personal_terms
from app.digests.store import NewDigest
from app.readers import due
from app.readers.due import AlertWish
from app.readers.store import Reader
from app.readers.tastes import Taste, load_tastes

# What has been there for longer is no news, also to somebody who has just asked for alerts.
NEWS = timedelta(hours=24)


async def make_alerts(
    connection: Connection, wishes: Sequence[AlertWish], stories: Round, now: datetime
) -> list[tuple[Reader, Digest]]:
    """Choose, keep and compose the alerts that are due, at most one message a reader.

    No reader gets more stories in a day than `alerts_per_day`, and one event is told once.
    """
    wanted = await _wanted(connection, wishes, stories, now)
    readers = await due.lock_for_alerts(connection, list(wanted))
    chat_ids = [reader.chat_id for reader in readers]
    days = {reader.chat_id: due.digest_day(reader, "alert", now) for reader in readers}
    told = await store.count_alerts(connection, days)
    tastes = await load_tastes(connection, chat_ids)
    # Asked again under the lock: another instance may have told them in between.
    seen = await _seen(connection, stories, {chat_id: wanted[chat_id] for chat_id in chat_ids})
    alerts: dict[int, NewDigest] = {}
    for reader in readers:
        chat_id, taste = reader.chat_id, tastes[reader.chat_id]
        places = wanted[chat_id] - excluded(stories, taste, seen[chat_id])
        count = reader.alerts_per_day - told[chat_id]
        if choices := _choose(stories, places, taste, count):
            alerts[chat_id] = NewDigest(chat_id, "alert", days[chat_id], choices)
    ids = await store.add_digests(connection, list(alerts.values()))
    return [
        (reader, Digest(ids[reader.chat_id], compose(reader, alerts[reader.chat_id])))
        for reader in readers
        if reader.chat_id in ids
    ]


async def _wanted(
    connection: Connection, wishes: Sequence[AlertWish], stories: Round, now: datetime
) -> dict[int, set[int]]:
    """For each reader the places of the stories to tell of, without those that were seen."""
    news = {
        place: candidate.points
        for place, candidate in enumerate(stories.candidates)
        if now - candidate.first_seen_at <= NEWS
    }
    wanted: dict[int, set[int]] = {}
    for wish in wishes:
        places = {place for place, points in news.items() if wish.points and points >= wish.points}
        for phrase in wish.phrases:
            places |= stories.speaking_of(phrase) & news.keys()
        if places:
            wanted[wish.chat_id] = places
    seen = await _seen(connection, stories, wanted)
    for chat_id, places in wanted.items():
        places -= {stories.place_by_id[story_id] for story_id in seen[chat_id]}
    return {chat_id: places for chat_id, places in wanted.items() if places}


async def _seen(
    connection: Connection, stories: Round, wanted: Mapping[int, set[int]]
) -> dict[int, set[int]]:
    places = set[int]().union(*wanted.values())
    return await store.seen_stories(connection, list(wanted), stories.ids_of(places))


def _choose(stories: Round, places: set[int], taste: Taste, count: int) -> list[Choice]:
    personal = personal_terms(stories, taste)
    choices = (
        (place, Choice(stories.candidates[place], stories.terms[place] | personal.get(place, {})))
        for place in places
    )
    chosen: dict[int, Choice] = {}
    for place, choice in sorted(choices, key=lambda known: (-known[1].score, known[0])):
        if len(chosen) < count:
            chosen.setdefault(stories.events[place], choice)
    return list(chosen.values())
