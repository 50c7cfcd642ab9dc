"""SQL on conversations and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection, Pool

# After this a story is spoken of as if for the first time.
REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Subject:
    """A story that is asked about; `text` is what stands on Hacker News itself, as its HTML."""

    id: int
    title: str
    url: str | None
    site: str | None
    text: str | None
    article_state: str
    article_reason: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A question at work: `attempts` counts this one too."""

    id: int
    chat_id: int
    user_id: int
    story_id: int
    question: str
    reply_to_message_id: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Turn:
    """Something asked and answered before."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a person's plain words are about."""

    story_id: int
    turns: int
    last_at: datetime


async def subject(connection: Connection | Pool, story_id: int) -> Subject | None:
    """A story, however old; None when it is unknown."""
    row = await connection.fetchrow(
        """
        SELECT id, title, url, site, text, article_state, article_reason
        FROM stories WHERE id = $1
        """,
        story_id,
    )
    return None if row is None else Subject(*row)


async def known_stories(connection: Connection, story_ids: Sequence[int]) -> list[tuple[int, str]]:
    """Those of the ids that are stories, in their order, with their titles."""
    rows = await connection.fetch(
        """
        SELECT id, title FROM stories WHERE id = ANY($1::bigint[])
        ORDER BY array_position($1::bigint[], id)
        """,
        list(story_ids),
    )
    return [(row["id"], row["title"]) for row in rows]


async def conversation(connection: Connection, chat_id: int, user_id: int) -> Conversation | None:
    row = await connection.fetchrow(
        """
        SELECT story_id, turns, last_at FROM conversations WHERE chat_id = $1 AND user_id = $2
        """,
        chat_id,
        user_id,
    )
    return None if row is None else Conversation(*row)


async def speak_of(
    connection: Connection, chat_id: int, user_id: int, story_id: int, *, turns: int, now: datetime
) -> None:
    """From now on plain words are about this story."""
    await connection.execute(
        """
        INSERT INTO conversations (chat_id, user_id, story_id, turns, last_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (chat_id, user_id) DO UPDATE SET story_id = $3, turns = $4, last_at = $5
        """,
        chat_id,
        user_id,
        story_id,
        turns,
        now,
    )


async def end(connection: Connection, chat_id: int, user_id: int) -> None:
    await connection.execute(
        "DELETE FROM conversations WHERE chat_id = $1 AND user_id = $2", chat_id, user_id
    )


async def asked_since(connection: Connection, user_id: int, since: datetime) -> int:
    """How many questions a person has asked, in whatever chat."""
    number: int = await connection.fetchval(
        """
        SELECT count(*) FROM questions
        WHERE user_id = $1 AND asked_at >= $2 AND state <> 'open'
        """,
        user_id,
        since,
    )
    return number


async def add(
    connection: Connection,
    *,
    chat_id: int,
    user_id: int,
    story_id: int | None,
    question: str,
    reply_to_message_id: int | None,
) -> int:
    """Keep a question; without a story it is open until one is named. Returns its id.

    A person has one open question at a time.
    """
    if story_id is None:
        await connection.execute(
            "DELETE FROM questions WHERE chat_id = $1 AND user_id = $2 AND state = 'open'",
            chat_id,
            user_id,
        )
    question_id: int = await connection.fetchval(
        """
        INSERT INTO questions (chat_id, user_id, story_id, question, reply_to_message_id, state)
        VALUES ($1, $2, $3, $4, $5, CASE WHEN $3::bigint IS NULL THEN 'open' ELSE 'pending' END)
        RETURNING id
        """,
        chat_id,
        user_id,
        story_id,
        question,
        reply_to_message_id,
    )
    return question_id


async def take_open(
    connection: Connection, question_id: int, chat_id: int, user_id: int
) -> tuple[str, int | None] | None:
    """Remove somebody's open question. Returns its words and the message that asked it."""
    row = await connection.fetchrow(
        """
        DELETE FROM questions WHERE id = $1 AND chat_id = $2 AND user_id = $3 AND state = 'open'
        RETURNING question, reply_to_message_id
        """,
        question_id,
        chat_id,
        user_id,
    )
    return None if row is None else (row["question"], row["reply_to_message_id"])


async def claim(connection: Connection, limit: int, lease: timedelta) -> list[Question]:
    """Take questions to answer, of each person one at a time; they are free again after `lease`."""
    rows = await connection.fetch(
        """
        WITH next AS (
          SELECT id FROM questions AS this
          WHERE state = 'pending' AND (claimed_until IS NULL OR claimed_until < now())
            AND NOT EXISTS (
              SELECT FROM questions AS earlier
              WHERE earlier.state = 'pending' AND earlier.chat_id = this.chat_id
                AND earlier.user_id = this.user_id AND earlier.id < this.id)
          ORDER BY asked_at, id LIMIT $1
          FOR UPDATE SKIP LOCKED)
        UPDATE questions SET claimed_until = now() + $2::interval, attempts = attempts + 1
        FROM next WHERE questions.id = next.id
        RETURNING questions.id, chat_id, user_id, story_id, question, reply_to_message_id, attempts
        """,
        limit,
        lease,
    )
    return [Question(*row) for row in rows]


async def renew(connection: Connection, question: Question, lease: timedelta) -> None:
    """Go on being at work on a question."""
    await connection.execute(
        """
        UPDATE questions SET claimed_until = now() + $3::interval
        WHERE id = $1 AND attempts = $2 AND state = 'pending'
        """,
        question.id,
        question.attempts,
        lease,
    )


async def finish(
    connection: Connection, question: Question, *, answer: str, sources: list[Any], method: str
) -> bool:
    """Write down the answer, in the transaction that also says it.

    Returns:
        False when somebody else has the question by now, or it was deleted.
    """
    finished = await connection.fetchval(
        """
        UPDATE questions SET state = 'answered', answer = $3, sources = $4, method = $5,
                             answered_at = now(), claimed_until = NULL
        WHERE id = $1 AND attempts = $2 AND state = 'pending'
        RETURNING TRUE
        """,
        question.id,
        question.attempts,
        answer,
        sources,
        method,
    )
    return bool(finished)


async def turns_before(connection: Connection | Pool, question: Question, limit: int) -> list[Turn]:
    """What was asked and answered in this chat about the story, the latest last."""
    rows = await connection.fetch(
        """
        SELECT question, answer FROM questions
        WHERE chat_id = $1 AND story_id = $2 AND id < $3 AND state = 'answered' AND method = 'llm'
          AND asked_at > now() - $4::interval
        ORDER BY id DESC LIMIT $5
        """,
        question.chat_id,
        question.story_id,
        question.id,
        REMEMBERED,
        limit,
    )
    return [Turn(row["question"], row["answer"]) for row in reversed(rows)]


async def forget_conversations(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete conversations that ended by themselves. Returns how many."""
    rows = await connection.fetch(
        """
        DELETE FROM conversations WHERE (chat_id, user_id) IN (
          SELECT chat_id, user_id FROM conversations WHERE last_at < now() - $1::interval
          LIMIT $2 FOR UPDATE SKIP LOCKED)
        RETURNING 1
        """,
        age,
        limit,
    )
    return len(rows)


async def forget_questions(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete questions with their answers. Returns how many."""
    return await delete_older(connection, "questions", "id", "asked_at", age, limit)
