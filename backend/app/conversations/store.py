"""The SQL of conversations and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.aging import delete_older
from app.database.connection import Connection, Pool
from app.database.leases import is_free

# After this time a conversation about the same story starts without the earlier turns.
REMEMBERED = timedelta(days=30)
# A longer question is cut, in characters.
MAX_QUESTION = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """The story that a question is about; `text` is the post's own text as Hacker News' HTML."""

    id: int
    title: str
    url: str | None
    site: str | None
    text: str | None
    article_state: str
    article_reason: str | None


@dataclass(frozen=True, slots=True)
class Question:
    """A claimed question; `attempts` includes this one."""

    id: int
    chat_id: int
    user_id: int
    story_id: int
    question: str
    reply_to_message_id: int | None
    attempts: int
    topic_id: int | None = None
    payer: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier question and its answer."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The story that a person's typed questions are about."""

    story_id: int
    turns: int
    last_at: datetime


async def subject(connection: Connection | Pool, story_id: int) -> Subject | None:
    """A story of any age; None if it is unknown."""
    row = await connection.fetchrow(
        """
        SELECT id, title, url, site, text, article_state, article_reason
        FROM stories WHERE id = $1
        """,
        story_id,
    )
    return None if row is None else Subject(*row)


async def known_stories(connection: Connection, story_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The known stories among `story_ids`, in the given order, with their titles."""
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


async def save_turn(
    connection: Connection, chat_id: int, user_id: int, story_id: int, *, turns: int, now: datetime
) -> None:
    """Set the story that the person's typed questions are about."""
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


async def add(
    connection: Connection,
    *,
    chat_id: int,
    user_id: int,
    story_id: int | None,
    question: str,
    reply_to_message_id: int | None,
    topic_id: int | None = None,
    payer: str | None = None,
) -> int:
    """Insert a question; without a story it stays open until one is chosen. Returns its id.

    A person has at most one open question. `topic_id` is the topic of a channel's direct messages,
    which Telegram requires for an answer there; in a forum a reply finds its topic without it.
    """
    if story_id is None:
        await connection.execute(
            "DELETE FROM questions WHERE chat_id = $1 AND user_id = $2 AND state = 'open'",
            chat_id,
            user_id,
        )
    question_id: int = await connection.fetchval(
        """
        INSERT INTO questions (chat_id, user_id, story_id, question, reply_to_message_id, topic_id,
                               payer, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7,
                CASE WHEN $3::bigint IS NULL THEN 'open' ELSE 'pending' END)
        RETURNING id
        """,
        chat_id,
        user_id,
        story_id,
        question,
        reply_to_message_id,
        topic_id,
        payer,
    )
    return question_id


async def take_open_question(
    connection: Connection, question_id: int, chat_id: int, user_id: int
) -> tuple[str, int | None] | None:
    """Delete somebody's open question. Returns its text and the id of the message with it."""
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
    """Claim questions, one per person at a time; each is free again after `lease`."""
    rows = await connection.fetch(
        f"""
        WITH next AS (
          SELECT id FROM questions AS this
          WHERE state = 'pending' AND {is_free()}
            AND NOT EXISTS (
              SELECT FROM questions AS earlier
              WHERE earlier.state = 'pending' AND earlier.chat_id = this.chat_id
                AND earlier.user_id = this.user_id AND earlier.id < this.id)
          ORDER BY asked_at, id LIMIT $1
          FOR UPDATE SKIP LOCKED)
        UPDATE questions SET claimed_until = now() + $2::interval, attempts = attempts + 1
        FROM next WHERE questions.id = next.id
        RETURNING questions.id, chat_id, user_id, story_id, question, reply_to_message_id, attempts,
                  topic_id, payer
        """,
        limit,
        lease,
    )
    return [Question(*row) for row in rows]


async def renew(connection: Connection, question: Question, lease: timedelta) -> None:
    """Extend the claim on a question."""
    await connection.execute(
        """
        UPDATE questions SET claimed_until = now() + $3::interval
        WHERE id = $1 AND attempts = $2 AND state = 'pending'
        """,
        question.id,
        question.attempts,
        lease,
    )


async def mark_stopped(connection: Connection, question_id: int, chat_id: int) -> None:
    """Record that the reader has stopped the answer."""
    await connection.execute(
        """
        UPDATE questions SET stopped_at = now()
        WHERE id = $1 AND chat_id = $2 AND state = 'pending'
        """,
        question_id,
        chat_id,
    )


async def is_stopped(connection: Connection, question: Question) -> bool:
    """Whether the reader has stopped the answer."""
    stopped: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM questions WHERE id = $1 AND stopped_at IS NOT NULL)",
        question.id,
    )
    return stopped


async def finish(
    connection: Connection, question: Question, *, answer: str, sources: list[Any], method: str
) -> bool:
    """Record the answer, in the transaction that also enqueues its message.

    Returns:
        False if another process has claimed the question, or it was deleted.
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
    """The earlier questions and answers about the story in this chat, the latest last."""
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
    """Delete conversations that have expired. Returns the number of rows."""
    return await delete_older(connection, "conversations", "last_at", age, limit)


async def forget_questions(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete old questions with their answers. Returns the number of rows."""
    return await delete_older(connection, "questions", "asked_at", age, limit)
