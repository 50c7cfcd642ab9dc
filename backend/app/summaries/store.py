"""The SQL of `summaries`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.summaries.attempts import Attempts

LLM = "llm"
EXTRACTIVE = "extractive"
# The reason if there is too little text.
TOO_SHORT = "too_short"
# The reason if the page was read, but its text is not stored and cannot be fetched again.
TEXT_GONE = "text_gone"
_ATTEMPTS = Attempts("summaries", ("story_id", "style"), order="state = 'ready', style <> 'basic'")


@dataclass(frozen=True, slots=True)
class SummaryJob:
    """A story without a summary in a style, or with one that may be improved."""

    story_id: int
    style: str
    attempts: int  # including this one
    title: str
    url: str | None
    text: str | None  # Hacker News' own HTML
    article_state: str


@dataclass(frozen=True, slots=True)
class SummaryResult:
    """A summary in plain text, and its basis.

    `reason` says why there is no better one; `due_at` is when to improve it, None: never.
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
    """Insert rows for the stories whose page was tried: the first attempt to read it has ended, or
    another one was necessary.

    Rows are due again if the page was read later, and once there is a key if they waited for one.
    The summaries of a page that a moderator replaced are deleted.
    """
    # A page that was read is not due again, unless the link was replaced.
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
        WHERE id = ANY($1)
          AND (article_state <> 'pending' OR article_reason IS NOT NULL OR article_attempts > 1)
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        list(styles),
    )
    read_since = "summaries.article_state <> 'read' AND stories.article_state = 'read'"
    await _ATTEMPTS.renew(connection, story_ids, read_since, has_key=has_key)


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[SummaryJob]:
    """Claim the due rows of these stories, in their order; stories without any summary first."""
    columns = "next.story_id, next.style, attempts, title, url, text, stories.article_state"
    rows = await _ATTEMPTS.claim(connection, story_ids, limit, lease, columns)
    return [SummaryJob(*row) for row in rows]


async def finish(connection: Connection, wanted: SummaryJob, made: SummaryResult) -> None:
    """Store a summary and release the row."""
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
    connection: Connection, wanted: SummaryJob, reason: str, due_at: datetime | None
) -> None:
    """Record a failed attempt, with its reason and the time of the next one."""
    await _end(connection, wanted, reason, due_at)


async def _end(
    connection: Connection,
    wanted: SummaryJob,
    reason: str | None,
    due_at: datetime | None,
    **values: object,
) -> None:
    """As `Attempts.end`, but discards a summary of a page whose link was replaced meanwhile, or
    whose text turned out not to be the article.
    """
    key = wanted.story_id, wanted.style
    async with connection.transaction():
        same = await connection.fetchval(
            """
            SELECT url IS NOT DISTINCT FROM $2 AND ($3 <> 'read' OR article_state = 'read')
            FROM stories WHERE id = $1 FOR SHARE
            """,
            key[0],
            wanted.url,
            wanted.article_state,
        )
        if same:
            state = wanted.article_state
            await _ATTEMPTS.end(connection, key, reason, due_at, article_state=state, **values)
        else:
            await connection.execute(
                "DELETE FROM summaries WHERE story_id = $1 AND style = $2", *key
            )
