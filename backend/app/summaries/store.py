"""The SQL of `summaries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.summaries.attempts import Attempts

LLM = "llm"
EXTRACTIVE = "extractive"
# The reason where there is too little text to make anything of.
TOO_SHORT = "too_short"
_ATTEMPTS = Attempts("summaries", ("story_id", "style"), order="state = 'ready', style <> 'basic'")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story that lacks a summary in a style, or has one that may become better."""

    story_id: int
    style: str
    attempts: int  # this one included
    title: str
    url: str | None
    text: str | None  # HN's own HTML
    article_state: str


@dataclass(frozen=True, slots=True)
class Made:
    """A summary in plain text, and what it was made from.

    `reason` says why there is no better one; `due_at` when a better one is tried, None never.
    """

    sentences: str
    key_points: tuple[str, ...]
    topics: tuple[str, ...]
    method: str
    basis: str
    model: str | None = None
    reason: str | None = None
    due_at: datetime | None = None


async def want(
    connection: Connection, story_ids: Sequence[int], styles: Sequence[str], *, has_key: bool
) -> None:
    """Make rows for the stories whose page was tried.

    Those are due again whose page was read only later, and those that wait for a key since there
    is one. Those of a page that a moderator has replaced by another are gone at once.
    """
    # A page that was read is due no more, unless it is another page.
    await connection.execute(
        """
        DELETE FROM summaries USING stories
        WHERE stories.id = story_id AND story_id = ANY($1)
          AND summaries.article_state = 'read' AND made_at < article_due_at
        """,
        list(story_ids),
    )
    await connection.execute(
        """
        INSERT INTO summaries (story_id, style, due_at)
        SELECT id, style, now() FROM stories, unnest($2::text[]) AS style
        WHERE id = ANY($1) AND (article_state <> 'pending' OR article_attempts > 0)
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        list(styles),
    )
    read_since = "summaries.article_state <> 'read' AND stories.article_state = 'read'"
    await _ATTEMPTS.renew(connection, story_ids, read_since, has_key=has_key)


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Wanted]:
    """Take what is due of these stories, in their order; what readers lack altogether first."""
    columns = "next.story_id, next.style, attempts, title, url, text, stories.article_state"
    rows = await _ATTEMPTS.claim(connection, story_ids, limit, lease, columns)
    return [Wanted(*row) for row in rows]


async def finish(connection: Connection, wanted: Wanted, made: Made) -> None:
    """Keep a summary, and give the row back."""
    await _end(
        connection,
        wanted,
        made.reason,
        made.due_at,
        state="ready",
        sentences=made.sentences,
        key_points=list(made.key_points),
        topics=list(made.topics),
        method=made.method,
        basis=made.basis,
        model=made.model,
    )


async def give_back(
    connection: Connection, wanted: Wanted, reason: str, due_at: datetime | None
) -> None:
    """End the attempt, with the reason why there is no better summary and the next one's time."""
    await _end(connection, wanted, reason, due_at)


async def _end(
    connection: Connection,
    wanted: Wanted,
    reason: str | None,
    due_at: datetime | None,
    **values: object,
) -> None:
    """As `Attempts.end`; but what was made while the link was replaced is of the page before."""
    key = wanted.story_id, wanted.style
    async with connection.transaction():
        url = await connection.fetchval("SELECT url FROM stories WHERE id = $1 FOR SHARE", key[0])
        if url == wanted.url:
            state = wanted.article_state
            await _ATTEMPTS.end(connection, key, reason, due_at, article_state=state, **values)
        else:
            await connection.execute(
                "DELETE FROM summaries WHERE story_id = $1 AND style = $2", *key
            )
