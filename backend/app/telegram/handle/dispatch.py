"""Dispatches updates to their handlers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.client_zone import guess_zone
from app.readers.store import ChatState, Reader
from app.settings import Settings
from app.telegram.api.reading import read_update
from app.telegram.api.types import Update
from app.telegram.handle.admission import Admission, AdmissionControl, bucket_owners
from app.telegram.handle.context import HandlerContext
from app.telegram.handle.ephemeral import ephemeral_parameters
from app.telegram.handle.members import Members, Role
from app.telegram.handle.routing import Route, is_admin_anyway, route
from app.telegram.receive import maintenance
from app.telegram.receive.inbox import ClaimedUpdate
from app.telegram.send import outbox
from app.telegram.send.apology import apology
from app.telegram.send.messages import ANSWER_PRESS, answer_to_press, destination, text_message
from app.telegram.send.outbox import OutgoingMessage
from app.wording import language_of, text
from app.wording.durations import duration

log = logging.getLogger(__name__)


_REFUSALS = {
    Role.NOT_LISTED: "group.not_operator",
    Role.UNKNOWN: "group.not_checked",
}
# About how long it takes to send a full chat its pending replies.
FULL_SECONDS = 60.0
# The buttons whose pages continue an open question.
ASKING_BUTTONS = ("set", "topic")


class Dispatcher:
    """Runs the handlers of claimed updates with a context, and enqueues their replies.

    `username` returns the bot's own name, once known.
    """

    def __init__(
        self,
        settings: Settings,
        members: Members,
        username: Callable[[], str | None],
        admission: AdmissionControl,
        shows_drafts: Callable[[], bool] = lambda: False,
    ) -> None:
        self._settings = settings
        self._members = members
        self._username = username
        self._admission = admission
        self._shows_drafts = shows_drafts

    async def handle(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> frozenset[int]:
        """Handle updates of different chats. Returns the ids of those that must wait."""
        chat_ids = [update.chat_id for update in updates]
        known = await readers.load(connection, chat_ids)
        crowded = await outbox.waiting_replies(connection, chat_ids)
        now = datetime.now(UTC)
        messages: list[OutgoingMessage] = []
        waiting = set()
        for claimed in updates:
            update = read_update(claimed.payload)
            await _follow_migration(connection, update)
            chosen = route(update, self._username(), self._settings.admin_chat_id)
            reader = known.get(claimed.chat_id)
            if reader and reader.state is not ChatState.OPEN and update.my_chat_member is None:
                reader = await readers.mark_reachable(connection, reader, now)
            if chosen is None or update.effective_chat is None:
                messages += _answer_stranger(update, chosen)
                continue
            role = self._role(update, chosen, reader)
            if role is None:
                waiting.add(claimed.update_id)
                continue
            full = crowded.get(claimed.chat_id, 0) >= outbox.FULL
            if claimed.held:
                # It was admitted when it was held; a full chat only delays it.
                if full:
                    waiting.add(claimed.update_id)
                    continue
            elif (refused := self._refused(update, chosen, reader, now, full=full)) is not None:
                messages += refused
                continue
            answers = await self._answer(connection, update, chosen, role, reader, now)
            messages += _without_button_answers(answers) if claimed.held else answers
        await outbox.drop_stale_edits(connection, messages)
        await outbox.enqueue(
            connection, await outbox.without_repetitions(connection, messages, crowded)
        )
        return frozenset(waiting)

    async def hold(
        self, connection: Connection, updates: Sequence[ClaimedUpdate]
    ) -> frozenset[int]:
        """Answer updates that wait for the end of maintenance: each tap, and of the messages to the
        bot one per chat and `maintenance.NOTICE_EVERY`. What exceeds a limit is refused, as always.

        Returns the ids of the refused ones, which need not be handled.
        """
        known = await readers.load(connection, [update.chat_id for update in updates])
        now = datetime.now(UTC)
        answers: list[OutgoingMessage] = []
        notices: dict[int, OutgoingMessage] = {}
        refused = set()
        for claimed in updates:
            update, reader = read_update(claimed.payload), known.get(claimed.chat_id)
            chosen = route(update, self._username(), self._settings.admin_chat_id)
            if chosen is None or update.effective_chat is None:
                continue
            refusal = self._refused(update, chosen, reader, now, full=False)
            if refusal is not None:
                answers += refusal
                refused.add(claimed.update_id)
            elif update.callback_query is not None:
                answers.append(_answer_to_held_tap(update, reader))
            elif notice := _notice(update, chosen, reader):
                notices.setdefault(notice.chat_id, notice)
        told = await maintenance.may_notify(connection, notices.keys())
        answers += [notices[chat_id] for chat_id in sorted(told)]
        await outbox.enqueue(connection, answers)
        return frozenset(refused)

    async def apologise(self, connection: Connection, update: ClaimedUpdate) -> None:
        """Tell the sender of an update, after the last attempt, that it could not be handled."""
        known = await readers.load(connection, [update.chat_id])
        reader = known.get(update.chat_id)
        messages = apology(update, reader.language if reader else None, datetime.now(UTC))
        await outbox.enqueue(connection, messages)

    def _role(self, update: Update, chosen: Route, reader: Reader | None) -> Role | None:
        """The sender's role in the chat, as far as it matters; None if Telegram must be
        asked.
        """
        answers = chosen.answers and reader is not None and reader.onboarding is not None
        chat, user = update.effective_chat, update.effective_user
        listed = self._settings.admin_user_ids
        if chosen.for_operators and listed:
            known = user is not None and user.id in listed
            return Role.ADMIN if known else Role.NOT_LISTED
        matters = chosen.for_admins or chosen.for_operators or answers
        admin = is_admin_anyway(update) if matters else True
        if admin is not None:
            return Role.ADMIN if admin else Role.MEMBER
        assert chat is not None and user is not None
        role = self._members.role(chat.id, user.id)
        if role is None:
            self._members.ask(chat.id, user.id, update.update_id)
        return role

    def _refused(
        self, update: Update, chosen: Route, reader: Reader | None, now: datetime, *, full: bool
    ) -> Sequence[OutgoingMessage] | None:
        """The reply to a request that is too much; None if it is admitted.

        The operator is always served, and so is a person's first message; changes of the bot's
        membership are always handled where it was known. A `full` chat has the most pending replies
        that it may have.
        """
        chat = update.effective_chat
        assert chat is not None
        first = reader is None and chat.is_private and chosen.to_strangers is None
        if update.my_chat_member is not None:
            makes_reader = reader is None and chosen.to_strangers is None
            return self._refused_group(update, chosen.cost) if makes_reader else None
        if first:
            return None
        if full:
            log.info("Update %d is refused: its chat has many pending replies", update.update_id)
            return [_full(update, reader, now)]
        if chat.id == self._settings.admin_chat_id:
            return None
        payers = bucket_owners(update, reader)
        admission, seconds = self._admission.admit(payers, chosen.cost)
        if admission is Admission.ADMITTED:
            return None
        log.info("Update %d exceeds a limit (%s)", update.update_id, admission.value)
        return [_too_much(update, reader, seconds)] if admission is Admission.TOLD else []

    def _refused_group(self, update: Update, cost: int) -> Sequence[OutgoingMessage] | None:
        """Ignore that the bot was added, if one person adds it to too many chats. An
        admin of the chat can still send /start.
        """
        admission, _ = self._admission.admit(bucket_owners(update, None), cost)
        return None if admission is Admission.ADMITTED else []

    async def _answer(
        self,
        connection: Connection,
        update: Update,
        chosen: Route,
        role: Role,
        reader: Reader | None,
        now: datetime,
    ) -> Sequence[OutgoingMessage]:
        is_new = reader is None
        if reader is None:
            if chosen.to_strangers is not None:
                return _answer_stranger(update, chosen)
            reader = await _new_reader(connection, update)
        assert update.effective_chat is not None
        context = HandlerContext(
            connection=connection,
            settings=self._settings,
            update=update,
            now=now,
            chat=update.effective_chat,
            reader=reader,
            is_new=is_new,
            user=update.effective_user,
            username=self._username(),
            shows_drafts=self._shows_drafts(),
            for_member=chosen.for_member,
            role=role,
        )
        if reader.awaiting is not None and _abandons_question(context):
            await context.change_settings(awaiting=None)
        if role is Role.ADMIN or chosen.answers:
            await chosen.run(context)
        else:
            _refuse(context, _REFUSALS.get(role, chosen.refusal))
        return context.outgoing


def _without_button_answers(answers: Sequence[OutgoingMessage]) -> list[OutgoingMessage]:
    """The answers without those to a tap that was answered when it was held."""
    return [answer for answer in answers if answer.method != ANSWER_PRESS]


def _answer_to_held_tap(update: Update, reader: Reader | None) -> OutgoingMessage:
    """The answer to a button that was tapped during maintenance."""
    assert update.callback_query is not None
    words = text("maintenance.tap", _language(update, reader))
    key = f"held:{update.update_id}"
    return answer_to_press(key, update.callback_query.id, words, alert=True)


def _notice(update: Update, chosen: Route, reader: Reader | None) -> OutgoingMessage | None:
    """The notice of maintenance to a message that the bot would reply to; None to any other
    update.
    """
    chat, message = update.effective_chat, update.message or update.channel_post
    language = _language(update, reader)
    ignored = reader is None and chosen.to_strangers and not chosen.to_strangers(language)
    if chat is None or message is None or ignored:
        return None
    return OutgoingMessage(
        key=f"held:{update.update_id}",
        chat_id=chat.id,
        method="sendMessage",
        parameters=destination(chat.id, chat.type, message.topic_id)
        | text_message(text("maintenance.notice", language)),
        lifetime=maintenance.NOTICE_EVERY,
    )


def _language(update: Update, reader: Reader | None) -> str:
    """The reader's language, or that of the client of somebody who is none."""
    user = update.effective_user
    return reader.language if reader else language_of(user.language_code if user else None)


def _abandons_question(context: HandlerContext) -> bool:
    """Whether the update abandons an open question that awaits typed words."""
    query = context.update.callback_query
    prefix = (query.data if query else "").partition(":")[0]
    return bool(context.command) or prefix not in ("", *ASKING_BUTTONS)


def _full(update: Update, reader: Reader | None, now: datetime) -> OutgoingMessage:
    """The request to wait for pending replies, once an hour."""
    notice = _too_much(update, reader, FULL_SECONDS)
    if update.callback_query is not None:
        return notice
    return replace(notice, key=f"full:{notice.chat_id}:{now:%Y-%m-%d %H}")


def _too_much(update: Update, reader: Reader | None, seconds: float) -> OutgoingMessage:
    """The request to slow down, once."""
    chat, message = update.effective_chat, update.effective_message
    assert chat is not None
    language = _language(update, reader)
    words = text("command.too_much", language, time=duration(max(1.0, seconds), language))
    key = f"update:{update.update_id}:0"
    if update.callback_query is not None:
        return answer_to_press(key, update.callback_query.id, words, alert=True)
    place = destination(chat.id, chat.type, message.topic_id if message else None)
    parameters = place | text_message(words) | ephemeral_parameters(update)
    return OutgoingMessage(key, chat.id, "sendMessage", parameters)


def _refuse(context: HandlerContext, key: str) -> None:
    if context.update.callback_query is not None:
        context.answer(context.text(key), alert=True)
    else:
        context.say_privately(context.text(key))


def _answer_stranger(update: Update, chosen: Route | None) -> list[OutgoingMessage]:
    """Reply to a chat that is not a reader, without storing anything about it.

    A tapped button shows a progress indicator until it is answered, so it always is.
    """
    chat, user, message = update.effective_chat, update.effective_user, update.effective_message
    answer = chosen.to_strangers if chosen else None
    words = answer(language_of(user.language_code if user else None)) if answer else ""
    if update.callback_query is not None:
        return [answer_to_press(f"update:{update.update_id}", update.callback_query.id, words)]
    if not words or chat is None or message is None:
        log.info("Update %d needs no reply and is skipped", update.update_id)
        return []
    parameters = destination(chat.id, chat.type, message.topic_id) | text_message(words)
    if chosen is not None and chosen.for_member:
        parameters |= ephemeral_parameters(update)
    return [OutgoingMessage(f"update:{update.update_id}:0", chat.id, "sendMessage", parameters)]


async def _new_reader(connection: Connection, update: Update) -> Reader:
    chat, user = update.effective_chat, update.effective_user
    assert chat is not None
    code = user.language_code if user else None
    change = update.my_chat_member
    adder = change.from_user if change and not chat.is_private else None
    return await readers.create(
        connection,
        added_by=adder.id if adder else None,
        chat_id=chat.id,
        kind=chat.type,
        name=chat.name,
        language=language_of(code),
        timezone=guess_zone(code),
    )


async def _follow_migration(connection: Connection, update: Update) -> None:
    """Both the old group and the new supergroup report the migration, once each."""
    message = update.message
    if message is None:
        return
    old, new = (
        message.migrate_from_chat_id or message.chat.id,
        message.migrate_to_chat_id or message.chat.id,
    )
    if old != new:
        await readers.move_chat(connection, old, new)
        await outbox.move_chat(connection, old, new)
