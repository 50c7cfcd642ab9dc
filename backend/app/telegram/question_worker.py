"""Answers questions after their handlers: claims, answers and sends each exactly once.

In a private chat the person sees the answer being written, as a draft, until it is sent. Without
drafts, and in groups, the person sees a placeholder and the typing indicator until the placeholder
is edited into the answer. Edits may be repeated, so a crash at any point leaves one answer. The
question of a killed process is claimed again when its lease is over. If the placeholder was
deleted, the answer is sent as a new message.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from app.conversations import question_counts, store
from app.conversations.answer import MAX_ATTEMPTS, Answer, Answerer
from app.conversations.compose import compose_answer
from app.conversations.partial import PartialAnswer
from app.conversations.store import Question
from app.conversations.turns import MAX_TURNS
from app.database.connection import OUTAGES, Connection, Pool
from app.readers import store as readers
from app.summaries.store import EXTRACTIVE, LLM
from app.telegram.answer_draft import AnswerDraft
from app.telegram.api.types import Chat
from app.telegram.api.updates import NO_CHAT
from app.telegram.placeholder import placeholder_key, placeholder_message, reply_parameters
from app.telegram.send import outbox
from app.telegram.send.drafts import Drafts
from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage
from app.wording import FALLBACK, text

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=15)
# Telegram shows "typing…" for five seconds.
TYPING_SECONDS = 4.5
TYPING_LIFETIME = timedelta(seconds=5)
# How often and how long to wait for a placeholder that is being sent.
PLACEHOLDER_TRIES, PLACEHOLDER_PAUSE = 20, 0.25
# How long to wait for a draft in flight once the answer is complete.
LAST_DRAFT_SECONDS = 2.0
# The latest questions, and the time after their answers, in which refused edits are looked for.
LATEST, RECENTLY = 300, timedelta(minutes=30)
# After this many attempts, even the answer without a model has failed.
HOPELESS = MAX_ATTEMPTS + 2


class QuestionWorker:
    """Answers one question after the other; run several instances to answer several at once."""

    def __init__(
        self,
        pool: Pool,
        answerer: Answerer,
        questions_per_day: int,
        on_enqueued: Callable[[], None],
        drafts: Drafts | None = None,
    ) -> None:
        self._pool = pool
        self._answerer = answerer
        self._drafts = drafts
        self._questions_per_day = questions_per_day
        self._on_enqueued = on_enqueued

    async def resend_refused(self) -> int:
        """Send answers whose placeholder no longer exists as new messages. Returns their number."""
        async with self._pool.acquire() as connection, connection.transaction():
            messages = await _refused(connection)
            await outbox.enqueue(connection, messages)
        if messages:
            self._on_enqueued()
        return len(messages)

    async def step(self) -> int:
        """Answer the question that has waited longest. Returns the number of questions."""
        async with self._pool.acquire() as connection:
            questions = await store.claim(connection, 1, LEASE)
        for question in questions:
            async with self._at_work(question):
                answer = await self._answer_seen(question)
            if answer is not None:
                await self._say(question, answer)
        return len(questions)

    async def _answer_seen(self, question: Question) -> Answer | None:
        """As `_answer`, with a draft of it if possible."""
        if self._drafts is None or question.chat_id < 0 or not self._answerer.has_model:
            return await self._answer(question)
        partial = PartialAnswer()
        draft = AnswerDraft(self._pool, self._drafts, question, partial)
        answering = asyncio.create_task(self._answer(question, partial))
        showing = asyncio.create_task(self._show(draft, question), name=f"draft {question.id}")
        stopped = asyncio.create_task(draft.stopped.wait())
        try:
            await asyncio.wait({answering, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if answering.done():
                return await answering
            written = await partial.text()
            if not written:
                return Answer("", EXTRACTIVE, notes=("ask.stopped_at_once",))
            return Answer(written, LLM, notes=("ask.stopped",))
        finally:
            draft.end()
            await asyncio.wait([showing], timeout=LAST_DRAFT_SECONDS)
            for task in (answering, showing, stopped):
                task.cancel()
            await asyncio.wait([answering, showing, stopped])

    async def _show(self, draft: AnswerDraft, question: Question) -> None:
        assert self._drafts is not None
        try:
            if self._drafts.available:
                await draft.run()
            if not self._drafts.available:
                await self._show_placeholder(question)
        except OUTAGES as error:
            log.info("No draft of the answer to question %d: %s", question.id, error)

    async def _show_placeholder(self, question: Question) -> None:
        """The placeholder where no draft can be shown, unless it was sent already."""
        async with self._pool.acquire() as connection, connection.transaction():
            reader = (await readers.load(connection, [question.chat_id])).get(question.chat_id)
            if reader is None:
                return
            html = text("ask.wait", reader.language)
            place = question.reply_to_message_id, question.topic_id
            waiting = placeholder_message(
                question.id, question.chat_id, question.story_id, html, *place
            )
            await outbox.enqueue(connection, [waiting])
        self._on_enqueued()

    async def _answer(
        self, question: Question, partial: PartialAnswer | None = None
    ) -> Answer | None:
        """The answer; None if it failed and is due again when the lease is over."""
        if question.attempts > HOPELESS:
            return Answer("", EXTRACTIVE, notes=("ask.failed",))
        try:
            answer = await self._answerer.answer(question, partial)
        except OUTAGES:
            raise
        except Exception:
            log.exception("Question %d failed, attempt %d", question.id, question.attempts)
            return None
        return answer or Answer("", EXTRACTIVE, notes=("ask.failed",))

    @asynccontextmanager
    async def _at_work(self, question: Question) -> AsyncIterator[None]:
        """Renew the lease and show the typing indicator during the block."""
        working = asyncio.create_task(
            self._renew_and_show_typing(question), name=f"typing {question.id}"
        )
        try:
            yield
        finally:
            working.cancel()
            await asyncio.wait([working])  # without raising its error or cancellation

    async def _renew_and_show_typing(self, question: Question) -> None:
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
        """Edit the placeholder into the answer, unless another process has done so."""
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
        """The id of the placeholder, if there is one."""
        key = placeholder_key(question.id)
        for _ in range(PLACEHOLDER_TRIES):
            async with self._pool.acquire() as connection:
                fate = await outbox.delivery_state(connection, key)
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
            if spoken.turns >= MAX_TURNS:
                more.append("ask.ends")
            elif spoken.turns == 1:
                private = reader.kind == Chat.PRIVATE
                more.append("ask.go_on" if private else "ask.go_on_in_group")
        asked = (
            await question_counts.counted_questions(connection, question.payer)
            if question.payer
            else 0
        )
        if asked >= self._questions_per_day:
            more = ["ask.last_today"]
        return compose_answer(answer, subject, language, more=more)


def _typing(chat_id: int, number: str, question_id: int) -> OutgoingMessage:
    return OutgoingMessage(
        key=f"question:{question_id}:typing:{number}",
        # It is not a message: no limit applies to it, and nothing waits for it.
        chat_id=NO_CHAT,
        method="sendChatAction",
        parameters={"chat_id": chat_id, "action": "typing"},
        lifetime=TYPING_LIFETIME,
    )


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
            # In a forum, a reply is sent to the topic of the question.
            parameters |= reply_parameters(question.reply_to_message_id, question.topic_id)
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
    """Answers that Telegram refused as edits, as new messages, if they were not sent yet."""
    rows = await connection.fetch(
        """
        SELECT recent.id, recent.chat_id, story_id_asked, reply_to_message_id, topic_id, parameters
        FROM (SELECT id, chat_id, story_id AS story_id_asked, reply_to_message_id, topic_id,
                     answered_at
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
    for question_id, chat_id, story_id, reply_to, topic_id, parameters in rows:
        del parameters["message_id"]
        messages.append(
            OutgoingMessage(
                key=f"question:{question_id}:anew",
                chat_id=chat_id,
                method="sendMessage",
                parameters={**parameters, **reply_parameters(reply_to, topic_id)},
                story_id=story_id,
            )
        )
    return messages
