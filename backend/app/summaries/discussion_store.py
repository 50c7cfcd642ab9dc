"""The SQL of `discussions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.database.connection import Connection
from app.summaries.attempts import Attempts
from app.summaries.prompts import Claim
from app.summaries.store import LLM

_ATTEMPTS = Attempts("discussions", ("story_id",))
# The reason if there is too little to summarise.
TOO_FEW_COMMENTS = "few_comments"


@dataclass(frozen=True, slots=True)
class DiscussionJob:
    """A story whose discussion is due for a summary."""

    story_id: int
    attempts: int  # including this one
    title: str
    comment_count: int
    method: str | None  # of the existing summary


@dataclass(frozen=True, slots=True)
class DiscussionResult:
    """A summarised discussion in plain text; `due_at` is when to improve it, None: never."""

    line: str
    agreements: tuple[Claim, ...]
    disagreements: tuple[Claim, ...]
    method: str
    voices: tuple[Claim, ...] = ()  # quoted comments, where no model summarises
    model: str | None = None
    reason: str | None = None
    due_at: datetime | None = None


async def want(
    connection: Connection, story_ids: Sequence[int], min_comments: int, *, has_key: bool
) -> None:
    """Insert rows for stories with enough comments stored, or with any if the page is not read.

    Rows are due again when the number of comments has doubled and they have been fetched again, and
    once there is a key if they waited for one.
    """
    await connection.execute(
        """
        INSERT INTO discussions (story_id, due_at)
        SELECT id, now() FROM stories
        WHERE id = ANY($1)
          AND (SELECT count(*) FROM comments WHERE story_id = stories.id) >= CASE
              WHEN url IS NOT NULL AND article_state <> 'read' AND article_reason IS NOT NULL THEN 1
              ELSE $2 END
        ON CONFLICT DO NOTHING
        """,
        list(story_ids),
        min_comments,
    )
    doubled = (
        "stories.comment_count >= 2 * discussions.comment_count AND discussion_fetched_at > made_at"
    )
    await _ATTEMPTS.renew(connection, story_ids, doubled, has_key=has_key)


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[DiscussionJob]:
    """Claim the due rows of these stories, in their order; stories without any summary first."""
    columns = "next.story_id, attempts, title, stories.comment_count, method"
    rows = await _ATTEMPTS.claim(connection, story_ids, limit, lease, columns)
    return [DiscussionJob(*row) for row in rows]


async def finish(connection: Connection, wanted: DiscussionJob, made: DiscussionResult) -> None:
    """Store a summary and release the row. An excerpt never replaces a model's summary."""
    if wanted.method == LLM and made.method != LLM:
        await give_back(connection, wanted, made.reason, made.due_at)
        return
    await _ATTEMPTS.end(
        connection,
        (wanted.story_id,),
        made.reason,
        made.due_at,
        comment_count=wanted.comment_count,
        shown_at=datetime.now(UTC),
        shown_comment_count=wanted.comment_count,
        state="ready",
        line=made.line,
        agreements=[claim.model_dump() for claim in made.agreements],
        disagreements=[claim.model_dump() for claim in made.disagreements],
        voices=[voice.model_dump() for voice in made.voices],
        method=made.method,
        model=made.model,
    )


async def give_back(
    connection: Connection, wanted: DiscussionJob, reason: str | None, due_at: datetime | None
) -> None:
    """Record a failed attempt, with its reason and the time of the next one."""
    key = (wanted.story_id,)
    await _ATTEMPTS.end(connection, key, reason, due_at, comment_count=wanted.comment_count)
