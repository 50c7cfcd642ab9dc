"""Routes an update to its handler, by the update alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from app.telegram.api.types import CallbackQuery, Chat, MemberChange, Message, Update
from app.telegram.handle.commands import (
    ADMINS_ONLY,
    BUTTONS,
    COMMANDS,
    OPERATOR_BUTTONS,
    OPERATOR_COMMANDS,
    Press,
    unknown,
)
from app.telegram.handle.commands.deferred import deferred
from app.telegram.handle.context import HandlerContext
from app.telegram.handle.mentions import without_mention
from app.wording import text

RouteHandler = Callable[[HandlerContext], Awaitable[None]]
LocalisedText = Callable[[str], str]
_STRANGER = partial(text, "command.stranger")
_BUTTON_OF_A_STRANGER = partial(text, "button.stranger")
_on_text = deferred("talk:on_text")
_on_draft_stopped = deferred("ask:on_draft_stopped")
_on_membership_changed = deferred("membership:on_membership_changed")


@dataclass(frozen=True, slots=True)
class Route:
    """The handler of an update, and its requirements."""

    run: RouteHandler
    # In groups and channels, only for admins.
    for_admins: bool = False
    # For the operators: ADMIN_USER_IDS, or else the admins of the operator's chat.
    for_operators: bool = False
    # The reply to a chat that is not a reader, in its language; None makes the chat one.
    to_strangers: LocalisedText | None = None
    # Its cost in `admission.WORK`.
    cost: int = 0
    # Whether it concerns only the person; see `app.telegram.handle.ephemeral`.
    for_member: bool = False
    # Whether an open question is answered by admins only, and everything else by everybody.
    answers: bool = False
    # The key of the reply to a member who is no admin.
    refusal: str = ADMINS_ONLY


def route(update: Update, username: str | None, admin_chat_id: int | None = None) -> Route | None:
    """The route of an update; None if it needs nothing from the bot.

    Edited messages, inline queries and service messages are ignored, and in groups also commands
    and replies to other bots and conversations between people. `username` is the bot's own; without
    it every bot's name is accepted. The operator's commands exist in `admin_chat_id` only.
    """
    chat = update.effective_chat
    operator = chat is not None and chat.id == admin_chat_id
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member)
    if update.callback_query is not None:
        return _button_route(update.callback_query, chat, operator)
    if update.stopped is not None:
        return Route(_on_draft_stopped, to_strangers=_no_text)
    message = update.message or update.channel_post
    if message is None or message.is_automatic_forward:
        return None
    words = message.text or ""
    if words.startswith("/"):
        return _command(message, words, username, operator)
    return _text_route(message, username)


def _no_text(_language: str) -> str:
    return ""


def is_admin_anyway(update: Update) -> bool | None:
    """Whether the update itself shows that an admin sent it; None if Telegram must be asked.

    Only admins post in channels, and an anonymous admin of a group writes as the group.
    """
    chat = update.effective_chat
    if chat is None or chat.is_private or update.channel_post is not None:
        return True
    if update.message is not None and update.message.sender_chat is not None:
        return update.message.sender_chat.id == chat.id
    return None if update.effective_user else False


def _membership(change: MemberChange) -> Route:
    here = change.lets_the_bot_write
    # Unblocking the bot after a deletion is not a request for anything.
    makes_reader = here and not change.chat.is_private
    return Route(_on_membership_changed, to_strangers=None if makes_reader else _no_text, cost=1)


def _button_route(query: CallbackQuery, chat: Chat | None, operator: bool) -> Route:
    prefix, _, rest = query.data.partition(":")
    if operator and prefix in OPERATOR_BUTTONS:
        run = partial(_run_button, OPERATOR_BUTTONS[prefix].run, rest)
        return Route(run, for_operators=True, to_strangers=_BUTTON_OF_A_STRANGER)
    button = BUTTONS.get(prefix)
    if button is None:
        return Route(unknown.button, to_strangers=_BUTTON_OF_A_STRANGER)
    channel = chat is not None and chat.is_channel
    for_admins = button.for_admins or (channel and not button.for_subscribers)
    press = partial(_run_button, button.run, rest)
    return Route(
        press,
        for_admins,
        to_strangers=_BUTTON_OF_A_STRANGER,
        cost=button.cost,
        for_member=button.for_member,
    )


async def _run_button(press: Press, data: str, context: HandlerContext) -> None:
    await press(context, data)
    context.answer()


def _command(message: Message, words: str, username: str | None, operator: bool) -> Route | None:
    # "/topics: rust" and "//help" are meant as the commands.
    name, _, addressee = words.split(maxsplit=1)[0].strip("/:;,.!").partition("@")
    if addressee and username and addressee.casefold() != username.casefold():
        return None
    if operator and name.lower() in OPERATOR_COMMANDS:
        return Route(OPERATOR_COMMANDS[name.lower()].run, for_operators=True)
    command = COMMANDS.get(name.lower())
    if command is not None:
        key = command.to_strangers
        to_strangers = partial(text, key) if key else None
        return Route(
            command.run,
            command.for_admins,
            to_strangers=to_strangers,
            cost=command.cost,
            for_member=command.for_member,
            refusal=command.refusal,
        )
    if addressee or message.chat.is_private:
        to_strangers = partial(unknown.answer, name, operator)
        return Route(unknown.command, to_strangers=to_strangers, for_member=True)
    return None


def _text_route(message: Message, username: str | None) -> Route | None:
    if message.chat.is_private:
        return None if message.is_service else Route(_on_text, to_strangers=_STRANGER)
    if _is_addressed(message, username):
        return Route(_on_text, to_strangers=_no_text, answers=True)
    return None


def _is_addressed(message: Message, username: str | None) -> bool:
    """Whether a message in a group is a reply to the bot, or begins or ends with its name."""
    replied = message.reply_to_message
    speaker = replied.from_user if replied else None
    if speaker is not None and speaker.is_bot and username in (None, speaker.username):
        return True
    return without_mention(message.text or "", username) != (message.text or "")
