"""The SQL of `discussions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.summaries.attempts import Attempts
from app.summaries.prompts import Claim
from app.summaries.store import LLM

_ATTEMPTS = Attempts("discussions", ("story_id",))


@dataclass(frozen=True, slots=True)
class Wanted:
    """A story whose discussion is to be summarised."""

    story_id: int
    attempts: int  # this one included
    title: str
    comment_count: int
    method: str | None  # of the summary that there is


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
    doubled = (
        "stories.comment_count >= 2 * discussions.comment_count AND discussion_fetched_at > made_at"
    )
    await _ATTEMPTS.renew(connection, story_ids, doubled, has_key=has_key)


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[Wanted]:
    """Take what is due of these stories, in their order; what readers lack altogether first."""
    columns = "next.story_id, attempts, title, stories.comment_count, method"
    rows = await _ATTEMPTS.claim(connection, story_ids, limit, lease, columns)
    return [Wanted(*row) for row in rows]


async def finish(connection: Connection, wanted: Wanted, made: Made) -> None:
    """Keep a summary, and give the row back. One of the model's is not replaced by an excerpt."""
    if wanted.method == LLM and made.method != LLM:
        await give_back(connection, wanted, made.reason, made.due_at)
        return
    await _ATTEMPTS.end(
        connection,
        (wanted.story_id,),
        made.reason,
        made.due_at,
        comment_count=wanted.comment_count,
        state="ready",
        line=made.line,
        agreements=[claim.model_dump() for claim in made.agreements],
        disagreements=[claim.model_dump() for claim in made.disagreements],
        method=made.method,
        model=made.model,
    )


async def give_back(
    connection: Connection, wanted: Wanted, reason: str | None, due_at: datetime | None
) -> None:
    """End the attempt, with the reason why there is no better summary and the next one's time."""
    key = (wanted.story_id,)
    await _ATTEMPTS.end(connection, key, reason, due_at, comment_count=wanted.comment_count)
