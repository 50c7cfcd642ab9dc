"""Stories to choose from, in memory and in the database."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

from app.database.connection import Pool
from app.digests.candidates import Candidate, Discussion, Summary
from app.digests.history import PastStory
from app.readers import store as readers
from app.readers.store import Reader
from app.readers.tastes import READER, Interest, Taste

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
_ids = count(1)


def candidate(title: str = "A story", **changes: Any) -> Candidate:
    """A story of ten hours' age with a hundred points; `sentences` are its basic summary."""
    number = next(_ids)
    sentences = changes.pop("sentences", "")
    extractive = changes.pop("extractive", False)
    key_points = changes.pop("key_points", ())
    values: dict[str, Any] = {
        "id": number,
        "kind": "story",
        "title": title,
        "url": f"https://site{number}.example/{number}",
        "site": f"site{number}.example",
        "points": 100,
        "comment_count": 50,
        "first_seen_at": NOW - timedelta(hours=10),
        "article_words": 1000,
        "article_reason": None,
        "topics": (),
        "summaries": {"basic": Summary(sentences, key_points, extractive, "article", None)},
        "discussion": None,
    }
    return Candidate(**values | changes)


def past_story(title: str = "A story", **changes: Any) -> PastStory:
    number = next(_ids)
    values: dict[str, Any] = {
        "id": number,
        "title": title,
        "url": f"https://site{number}.example/{number}",
        "site": f"site{number}.example",
        "points": 100,
        "comment_count": 50,
        "at": NOW - timedelta(days=9),
    }
    return PastStory(**values | changes)


def reader(**settings: Any) -> Reader:
    """A reader in memory, in UTC, whose digest comes at eight."""
    columns = dict.fromkeys(Reader.__dataclass_fields__)
    values: dict[str, Any] = {
        **columns,
        "chat_id": 1,
        "kind": "private",
        "language": "en",
        "timezone": "UTC",
        "digest_time": time(8),
        "digest_days": (1, 2, 3, 4, 5, 6, 7),
        "story_count": 7,
        "style": "basic",
        "minimum_points": 0,
    }
    return Reader(**values | settings)


def discussion(line: str) -> Discussion:
    return Discussion(line, (), ())


def interested_in(*phrases: str, weight: float = 1.0) -> Taste:
    return Taste(tuple(Interest(phrase, weight, READER, None, False) for phrase in phrases))


async def add_stories(pool: Pool, *candidates: Candidate) -> None:
    """Store stories with their summaries as if they had come down the whole way."""
    for one in candidates:
        await pool.execute(
            """
            INSERT INTO stories (id, kind, title, url, site, points, comment_count, posted_at,
                                 first_seen_at, article_state, article_words, article_picture)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 'read', $9, $10)
            """,
            one.id,
            one.kind,
            one.title,
            one.url,
            one.site,
            one.points,
            one.comment_count,
            one.first_seen_at,
            one.article_words,
            one.picture,
        )
        for style, summary in one.summaries.items():
            await pool.execute(
                """
                INSERT INTO summaries (story_id, style, state, sentences, key_points, topics,
                                       method, basis)
                VALUES ($1, $2, 'ready', $3, $4, $5, 'llm', $6)
                """,
                one.id,
                style,
                summary.sentences,
                list(summary.key_points),
                list(one.topics),
                summary.basis,
            )


async def add_reader(pool: Pool, chat_id: int, **settings: Any) -> Reader:
    """A reader in UTC whose digest comes at eight."""
    async with pool.acquire() as connection:
        reader = await readers.create(
            connection,
            chat_id=chat_id,
            kind="private",
            name="Somebody",
            language="en",
            timezone="UTC",
        )
        return await readers.update(connection, reader, NOW, paused_at=None, **settings)
