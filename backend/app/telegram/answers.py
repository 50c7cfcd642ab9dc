"""Questions on their way to answers: claimed, worked on behind the handlers, and said once.

Whoever asked sees a placeholder, and that the bot is typing, until the placeholder turns into the
answer. An edit may be repeated without harm, so a crash at any point leaves one answer. A process
that is killed at work leaves its question to the next one as soon as the lease is over. Who deletes
the placeholder meanwhile gets the answer as a message of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from app.conversations import store
from app.conversations.answer import MOST_ATTEMPTS, Answer, Answerer
from app.conversations.compose import compose_answer
from app.conversations.store import Question
from app.conversations.turns import MOST_TURNS, midnight
from app.database.connection import OUTAGES, Connection, Pool
from app.readers import store as readers
from app.summaries.store import EXTRACTIVE
from app.telegram import outbox
from app.telegram.messages import text_message
from app.telegram.outbox import NO_CHAT, OutgoingMessage, Parameters
from app.wording import FALLBACK, text

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
# Telegram shows "typing…" for five seconds.
TYPING_SECONDS = 4.5
TYPING_LIFETIME = timedelta(seconds=5)
# How long to wait for a placeholder that is being sent at this moment.
PLACEHOLDER_TRIES, PLACEHOLDER_PAUSE = 20, 0.25
# Among how many of the latest questions, and how long after its answer, one is looked for that was
# refused.
LATEST, RECENTLY = 300, timedelta(minutes=30)
# After so many tries even what needs no model has failed.
HOPELESS = MOST_ATTEMPTS + 2


class Answers:
    """Answers one question after the other; run several to answer several at once."""

    def __init__(
        self,
        pool: Pool,
        answerer: Answerer,
        questions_per_day: int,
        on_enqueued: Callable[[], None],
    ) -> None:
        self._pool = pool
        self._answerer = answerer
        self._questions_per_day = questions_per_day
        self._on_enqueued = on_enqueued

    async def say_anew(self) -> int:
        """Say what could not be put into a placeholder that is no more. Returns how much it was."""
        async with self._pool.acquire() as connection, connection.transaction():
            messages = await _refused(connection)
            await outbox.enqueue(connection, messages)
        if messages:
            self._on_enqueued()
        return len(messages)

    async def step(self) -> int:
        """Answer the question that has waited longest. Returns how many there were."""
        async with self._pool.acquire() as connection:
            questions = await store.claim(connection, 1, LEASE)
        for question in questions:
            async with self._at_work(question):
                answer = await self._answer(question)
            if answer is not None:
                await self._say(question, answer)
        return len(questions)

    async def _answer(self, question: Question) -> Answer | None:
        """None: it failed and is tried again when the lease is over."""
        if question.attempts > HOPELESS:
            return Answer("", EXTRACTIVE, notes=("ask.failed",))
        try:
            answer = await self._answerer.answer(question)
        except OUTAGES:
            raise
        except Exception:
            log.exception("Question %d failed, attempt %d", question.id, question.attempts)
            return None
        return answer or Answer("", EXTRACTIVE, notes=("ask.failed",))

    @asynccontextmanager
    async def _at_work(self, question: Question) -> AsyncIterator[None]:
        """Keep the lease, and show that something is being written."""
        working = asyncio.create_task(self._keep_at_work(question), name=f"typing {question.id}")
        try:
            yield
        finally:
            working.cancel()
            await asyncio.wait([working])  # its end is not ours, a cancellation least of all

    async def _keep_at_work(self, question: Question) -> None:
        number = 0
        while True:
            try:
                async with self._pool.acquire() as connection, connection.transaction():
                    await store.renew(connection, question, LEASE)
                    typing = _typing(question.chat_id, f"{question.attempts}:{number}", question.id)
                    await outbox.enqueue(connection, [typing])
            except OUTAGES as error:
                log.info("The lease of question %d is not renewed: %s", question.id, error)
            self._on_enqueued()
            number += 1
            await asyncio.sleep(TYPING_SECONDS)

    async def _say(self, question: Question, answer: Answer) -> None:
        """Turn the placeholder into the answer, unless another process has done so."""
        placeholder = await self._placeholder(question)
        async with self._pool.acquire() as connection, connection.transaction():
            said = await store.finish(
                connection,
                question,
                answer=answer.text,
                sources=answer.source_ids,
                method=answer.method,
            )
            if said:
                messages = await self._composed(connection, question, answer)
                await outbox.enqueue(connection, _outgoing(question, messages, placeholder))
        self._on_enqueued()

    async def _placeholder(self, question: Question) -> int | None:
        """The id of the message to change into the answer, if there is one."""
        key = placeholder_key(question.id)
        for _ in range(PLACEHOLDER_TRIES):
            async with self._pool.acquire() as connection:
                fate = await outbox.fate(connection, key)
                if fate is None or await outbox.withdraw(connection, key):
                    return None
            if fate.state not in ("pending", "sending"):
                return fate.message_id
            await asyncio.sleep(PLACEHOLDER_PAUSE)
        return None

    async def _composed(
        self, connection: Connection, question: Question, answer: Answer
    ) -> list[str]:
        reader = (await readers.load(connection, [question.chat_id])).get(question.chat_id)
        language = reader.language if reader else FALLBACK
        subject = await store.subject(connection, question.story_id)
        if reader is None or subject is None:
            return [text(key, language) for key in answer.notes]
        more = []
        spoken = await store.conversation(connection, question.chat_id, question.user_id)
        if spoken is not None and spoken.story_id == question.story_id:
            if spoken.turns >= MOST_TURNS:
                more.append("ask.ends")
            elif spoken.turns == 1:
                more.append("ask.go_on")
        since = midnight(reader, datetime.now(UTC))
        if await store.asked_since(connection, question.user_id, since) >= self._questions_per_day:
            more = ["ask.last_today"]
        return compose_answer(answer, subject, language, more=more)


def placeholder_key(question_id: int) -> str:
    return f"question:{question_id}:wait"


def waiting_messages(
    question_id: int, chat_id: int, story_id: int, html: str, reply_to_message_id: int | None
) -> list[OutgoingMessage]:
    """What is said at once: that the question was understood, and that something is coming."""
    return [
        OutgoingMessage(
            key=placeholder_key(question_id),
            chat_id=chat_id,
            method="sendMessage",
            parameters={"chat_id": chat_id, **text_message(html), **_reply(reply_to_message_id)},
            story_id=story_id,
        )
    ]


def _typing(chat_id: int, number: str, question_id: int) -> OutgoingMessage:
    return OutgoingMessage(
        key=f"question:{question_id}:typing:{number}",
        # It is no message: no limit holds for it, and nothing waits for it.
        chat_id=NO_CHAT,
        method="sendChatAction",
        parameters={"chat_id": chat_id, "action": "typing"},
        repeatable=False,
        lifetime=TYPING_LIFETIME,
    )


def _reply(message_id: int | None) -> Parameters:
    if message_id is None:
        return {}
    reply = {"message_id": message_id, "allow_sending_without_reply": True}
    return {"reply_parameters": reply}


def _outgoing(
    question: Question, messages: list[str], placeholder: int | None
) -> list[OutgoingMessage]:
    outgoing = []
    for number, html in enumerate(messages):
        method = "sendMessage"
        parameters = {"chat_id": question.chat_id, **text_message(html)}
        if number == 0 and placeholder is not None:
            method = "editMessageText"
            parameters["message_id"] = placeholder
        elif number == 0 or question.chat_id < 0:
            # In a forum, a reply is what goes to the topic of the question.
            parameters |= _reply(question.reply_to_message_id)
        outgoing.append(
            OutgoingMessage(
                key=f"question:{question.id}:{number}",
                chat_id=question.chat_id,
                method=method,
                parameters=parameters,
                story_id=question.story_id,
            )
        )
    return outgoing


async def _refused(connection: Connection) -> list[OutgoingMessage]:
    """Answers that Telegram did not take as an edit, as messages that were not tried yet."""
    rows = await connection.fetch(
        """
        SELECT recent.id, recent.chat_id, story_id_asked, reply_to_message_id, parameters
        FROM (SELECT id, chat_id, story_id AS story_id_asked, reply_to_message_id, answered_at
              FROM questions ORDER BY id DESC LIMIT $1) AS recent
             JOIN outbox ON key = 'question:' || recent.id || ':0'
        WHERE answered_at > now() - $2::interval
          AND state = 'failed' AND method = 'editMessageText'
          AND NOT EXISTS (SELECT FROM outbox WHERE key = 'question:' || recent.id || ':anew')
        """,
        LATEST,
        RECENTLY,
    )
    messages = []
    for question_id, chat_id, story_id, reply_to, parameters in rows:
        del parameters["message_id"]
        messages.append(
            OutgoingMessage(
                key=f"question:{question_id}:anew",
                chat_id=chat_id,
                method="sendMessage",
                parameters={**parameters, **_reply(reply_to)},
                story_id=story_id,
            )
        )
    return messages
