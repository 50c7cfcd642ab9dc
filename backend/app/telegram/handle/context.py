"""The handler context: one update, and the replies to it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.api.types import Chat, Message, Update, User
from app.telegram.handle.ephemeral import ephemeral_parameters, is_ephemeral
from app.telegram.handle.members import Role
from app.telegram.send.messages import Keyboard, answer_to_press, destination, text_message
from app.telegram.send.outbox import BotCall, OutgoingMessage, Parameters
from app.wording import text

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class HandlerContext:
    """Collects the replies to one update; they are enqueued when its handler has returned."""

    connection: Connection
    settings: Settings
    update: Update
    now: datetime
    chat: Chat
    reader: Reader
    is_new: bool
    user: User | None
    # The bot's own name, once known.
    username: str | None = None
    # Whether private chats show drafts.
    shows_drafts: bool = False
    # Whether the update concerns only the person who sent it; see `app.telegram.handle.ephemeral`.
    for_member: bool = False
    # The person's role in the chat, where it matters.
    role: Role = Role.ADMIN
    outgoing: list[OutgoingMessage] = field(default_factory=list)
    callback_answered: bool = False

    @property
    def user_id(self) -> int:
        """The person's id; the chat's own where nobody is named, as in channels."""
        return self.user.id if self.user else self.chat.id

    @property
    def message(self) -> Message | None:
        return self.update.effective_message

    @property
    def command(self) -> str:
        """The name of the command as typed; empty if there is none."""
        message = self.update.message or self.update.channel_post
        words = ((message and message.text) or "").split(maxsplit=1)
        return words[0][1:].partition("@")[0] if words and words[0].startswith("/") else ""

    @property
    def argument(self) -> str:
        """The text after the command, or the whole text of a message without one. Characters that
        would change the direction of the bot's own words around it are left out.
        """
        words = _DIRECTIONS.sub("", (self.message and self.message.text) or "")
        if not words.startswith("/"):
            return words.strip()
        return "".join(words.split(maxsplit=1)[1:]).strip()

    @property
    def is_private(self) -> bool:
        """Whether the chat is a private one, where the person can type answers."""
        return self.chat.is_private

    @property
    def has_model(self) -> bool:
        """Whether a model writes summaries, rather than excerpts being used."""
        return self.settings.openai_api_key is not None

    @property
    def is_operator(self) -> bool:
        """Whether the chat is the operator's, which has additional commands."""
        return self.chat.id == self.settings.admin_chat_id

    @property
    def thread_id(self) -> int | None:
        """The topic of the update, in a forum or in a channel's direct messages."""
        message = self.message
        return message.topic_id if message else None

    async def change_settings(self, **settings: object) -> None:
        """Change the reader's settings; later replies use the new ones."""
        self.reader = await readers.update(self.connection, self.reader, self.now, **settings)

    def text(self, key: str, **values: object) -> str:
        """A text of the catalogue in the reader's language; values are escaped as Telegram HTML."""
        return text(key, self.reader.language, **values)

    def say(
        self,
        html: str,
        keyboard: Keyboard | None = None,
        *,
        story_id: int | None = None,
        once: str | None = None,
    ) -> None:
        """Send a message to the chat; in a group, as a reply to the person, and visible only to
        them if it concerns only them. With `once`, the chat gets the message only for the first of
        several updates.
        """
        self._say(html, keyboard, story_id, once, privately=False)

    def say_privately(self, html: str, keyboard: Keyboard | None = None) -> None:
        """Send what concerns only the person who wrote. In a group only this person sees it, if
        the Bot API server supports that; otherwise everybody does, as with `say`.
        """
        self._say(html, keyboard, None, None, privately=True)

    def _say(
        self,
        html: str,
        keyboard: Keyboard | None,
        story_id: int | None,
        once: str | None,
        *,
        privately: bool,
    ) -> None:
        parameters = text_message(html, keyboard)
        if privately or self.for_member or is_ephemeral(self.update):
            parameters |= ephemeral_parameters(self.update)
        asked = self.update.message
        if asked and asked.message_id and not asked.chat.is_private:
            parameters["reply_parameters"] = {
                "message_id": asked.message_id,
                "allow_sending_without_reply": True,
            }
        self.call("sendMessage", parameters, story_id=story_id, once=once)

    def change(self, html: str, keyboard: Keyboard | None = None) -> None:
        """Edit the message whose button was tapped; if that is impossible, send a new one."""
        query = self.update.callback_query
        if query is None or query.message is None or not query.message.is_accessible:
            self.say(html, keyboard)
            return
        parameters = text_message(html, keyboard)
        if query.message.ephemeral_id is None:
            self.call("editMessageText", parameters | {"message_id": query.message.message_id})
            return
        # https://core.telegram.org/bots/api#editephemeralmessagetext
        edited = {
            "receiver_user_id": self.user_id,
            "ephemeral_message_id": query.message.ephemeral_id,
        }
        anew = parameters | ephemeral_parameters(self.update)
        self.call("editEphemeralMessageText", parameters | edited, fallback=anew)

    def answer(self, words: str = "", *, alert: bool = False) -> None:
        """Answer the tapped button with a notice of at most 200 characters."""
        query = self.update.callback_query
        if query is None or self.callback_answered:
            return
        self.callback_answered = True
        self.outgoing.append(answer_to_press(self._next_key(), query.id, words, alert=alert))

    def call(
        self,
        method: str,
        parameters: Parameters,
        *,
        story_id: int | None = None,
        once: str | None = None,
        fallback: Parameters | None = None,
    ) -> None:
        """Enqueue any method of the Bot API for this chat; messages are sent to the topic of the
        update. `fallback` is the message to send if Telegram refuses the call.
        """
        topic = self.thread_id if method.startswith("send") else None
        place = destination(self.chat.id, self.chat.type, topic)
        instead = [[BotCall("sendMessage", place | fallback)]] if fallback else []
        self.outgoing.append(
            OutgoingMessage(
                key=f"once:{self.chat.id}:{once}" if once else self._next_key(),
                chat_id=self.chat.id,
                method=method,
                parameters=place | parameters,
                story_id=story_id,
                fallbacks=instead,
            )
        )

    def _next_key(self) -> str:
        return f"update:{self.update.update_id}:{len(self.outgoing)}"
