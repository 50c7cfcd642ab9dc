"""The SQL of `discussions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.summaries.prompts import Claim


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story whose discussion is to be summarised."""

    story_id: int
    attempts: int  # this one included
    title: str
    comment_count: int


@dataclass(frozen=True, slots=True)
class Made:
    """A discussion in plain text; `due_at` is when a better one is tried, None never."""

    line: str
    agreements: tuple[Claim, ...]
    disagreements: tuple[Claim, ...]
    method: str
    model: str | None = None
    reason: str | None = None
    due_at: datetime | None = None


async def want(
    connection: Connection, story_ids: Sequence[int], least_comments: int, *, has_key: bool
) -> None:
    """Make rows for stories with so many comments stored.

    Those are due again that have twice as many comments as then, once they are fetched anew, and
    those that wait for a key since there is one.
    """
    await connection.execute(
        """
        INSERT INTO discussions (story_id, due_at)
        SELECT id, now() FROM stories
        WHERE id = ANY($1)
          AND (SELECT count(*) FROM comments WHERE story_id = stories.id) >= $2
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        least_comments,
    )
    await connection.execute(
        """
        UPDATE discussions SET due_at = now(), attempts = 0
        FROM stories
        WHERE stories.id = story_id AND story_id = ANY($1) AND state = 'ready' AND due_at IS NULL
          AND (stories.comment_count >= 2 * discussions.comment_count
               AND discussion_fetched_at > made_at
               OR $2 AND reason = 'no_key')
        """,
        list(story_ids),
        has_key,
    )


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Wanted]:
    """Take what is due of these stories, in their order; what readers lack altogether first."""
    rows = await connection.fetch(
        """
        WITH next AS (
          SELECT story_id FROM discussions
          WHERE due_at <= now() AND story_id = ANY($1)
            AND (claimed_until IS NULL OR claimed_until < now())
          ORDER BY state = 'ready', array_position($1, story_id)
          LIMIT $2
          FOR UPDATE SKIP LOCKED)
        UPDATE discussions SET claimed_until = now() + $3::interval, attempts = attempts + 1
        FROM next JOIN stories ON stories.id = next.story_id
        WHERE discussions.story_id = next.story_id
        RETURNING next.story_id, attempts, title, stories.comment_count
        """,
        list(story_ids),
        limit,
        lease,
    )
    return [Wanted(*row) for row in rows]


async def finish(connection: Connection, wanted: Wanted, made: Made) -> None:
    """Keep a summary, and give the row back. One of the model's is not replaced by an excerpt."""
    await connection.execute(
        """
        UPDATE discussions
        SET state = 'ready', line = $2, agreements = $3, disagreements = $4, method = $5, model = $6
        WHERE story_id = $1 AND (method IS DISTINCT FROM 'llm' OR $5 = 'llm')
        """,
        wanted.story_id,
        made.line,
        [claim.model_dump() for claim in made.agreements],
        [claim.model_dump() for claim in made.disagreements],
        made.method,
        made.model,
    )
    await give_back(connection, wanted, made.reason, made.due_at)


async def give_back(
    connection: Connection, wanted: Wanted, reason: str | None, due_at: datetime | None
) -> None:
    """End the attempt, with the reason why there is no better summary and the next one's time."""
    await connection.execute(
        """
        UPDATE discussions
        SET reason = $2, due_at = $3, comment_count = $4, made_at = now(), claimed_until = NULL
        WHERE story_id = $1
        """,
        wanted.story_id,
        reason,
        due_at,
        wanted.comment_count,
    )
