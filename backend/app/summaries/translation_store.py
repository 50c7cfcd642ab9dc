"""The SQL of `translations`: the model's texts in readers' languages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.database.connection import Connection
from app.summaries.attempts import Attempts
from app.summaries.store import LLM

# The part of a story that is not a summary in a style.
DISCUSSION = "discussion"
_ATTEMPTS = Attempts("translations", ("story_id", "part", "language"))
# The English texts: the first text of a part is its sentences, or its line.
_ORIGINALS = f"""
    SELECT story_id, style AS part, jsonb_build_array(sentences) || key_points AS texts
    FROM summaries WHERE state = 'ready' AND method = '{LLM}' AND story_id = ANY($1)
    UNION ALL
    SELECT story_id, '{DISCUSSION}', jsonb_build_array(line)
           || jsonb_path_query_array(agreements, '$[*].text')
           || jsonb_path_query_array(disagreements, '$[*].text')
    FROM discussions WHERE state = 'ready' AND method = '{LLM}' AND story_id = ANY($1)
"""


@dataclass(frozen=True, slots=True)
class TranslationJob:
    """A part of a story without a translation; `attempts` includes this one."""

    story_id: int
    part: str
    language: str
    attempts: int
    originals: tuple[str, ...]


async def want(
    connection: Connection, story_ids: Sequence[int], pairs: Collection[tuple[str, str]]
) -> None:
    """Insert rows for the model's texts about these stories, for each part and language in
    `pairs`; translations of texts that have changed are due again.
    """
    await connection.execute(
        f"""
        INSERT INTO translations (story_id, part, language, originals, due_at)
        SELECT original.story_id, original.part, pair.language, original.texts, now()
        FROM ({_ORIGINALS}) AS original
        JOIN unnest($2::text[], $3::text[]) AS pair (part, language)
          ON pair.part = original.part
        ON CONFLICT (story_id, part, language) DO UPDATE
        SET originals = excluded.originals, texts = '[]', state = 'pending', due_at = now(),
            attempts = 0, claimed_until = NULL
        WHERE translations.originals <> excluded.originals
        """,
        list(story_ids),
        [part for part, _ in pairs],
        [language for _, language in pairs],
    )


async def claim(
    connection: Connection, story_ids: Sequence[int], limit: int, lease: timedelta
) -> list[TranslationJob]:
    """Claim the due rows of these stories, in their order."""
    columns = "row.story_id, row.part, row.language, row.attempts, row.originals"
    rows = await _ATTEMPTS.claim(connection, story_ids, limit, lease, columns)
    return [
        TranslationJob(
            row["story_id"], row["part"], row["language"], row["attempts"], tuple(row["originals"])
        )
        for row in rows
    ]


async def finish(
    connection: Connection, job: TranslationJob, texts: Sequence[str | None], model: str
) -> None:
    """Store a translation, unless the texts have changed."""
    await connection.execute(
        """
        UPDATE translations
        SET state = 'ready', texts = $5, model = $6, reason = NULL, due_at = NULL,
            claimed_until = NULL, made_at = now()
        WHERE story_id = $1 AND part = $2 AND language = $3 AND originals = $4
        """,
        job.story_id,
        job.part,
        job.language,
        list(job.originals),
        list(texts),
        model,
    )


async def give_back(
    connection: Connection, job: TranslationJob, reason: str, due_at: datetime | None
) -> None:
    """Record a failed attempt and the time of the next one; None: the text stays English."""
    await connection.execute(
        """
        UPDATE translations
        SET reason = $5, due_at = $6, claimed_until = NULL, made_at = now()
        WHERE story_id = $1 AND part = $2 AND language = $3 AND originals = $4
        """,
        job.story_id,
        job.part,
        job.language,
        list(job.originals),
        reason,
        due_at,
    )
