"""One update and what is said in return: what a command or a button works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import telegram

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.messages import Keyboard, answer_to_press, text_message
from app.telegram.outbox import OutgoingMessage, Parameters
from app.wording import text


@dataclass(slots=True)
class Exchange:
    """Collects the replies to one update; they are enqueued when its handler has returned."""

    connection: Connection
    settings: Settings
    update: telegram.Update
    now: datetime
    chat: telegram.Chat
    reader: Reader
    is_new: bool
    user: telegram.User | None
    outgoing: list[OutgoingMessage] = field(default_factory=list)
    callback_answered: bool = False

    @property
    def user_id(self) -> int:
        """Who spoke; the chat itself where nobody is named, as in channels."""
        return self.user.id if self.user else self.chat.id

    @property
    def message(self) -> telegram.Message | None:
        return self.update.effective_message

    @property
    def command(self) -> str:
        """The name of the command, as it was typed; empty where there is none."""
        message = self.update.message or self.update.channel_post
        words = ((message and message.text) or "").split(maxsplit=1)
        return words[0][1:].partition("@")[0] if words and words[0].startswith("/") else ""

    @property
    def argument(self) -> str:
        """What stands behind the command, or the whole text of a message without one."""
        words = (self.message and self.message.text) or ""
        if not words.startswith("/"):
            return words.strip()
        return "".join(words.split(maxsplit=1)[1:]).strip()

    @property
    def is_private(self) -> bool:
        """Whether the chat is one person's, who can be asked something and types the answer."""
        return self.chat.type == telegram.Chat.PRIVATE

    @property
    def is_operator(self) -> bool:
        """Whether the chat is the operator's, where there are commands that nobody else has."""
        return self.chat.id == self.settings.admin_chat_id

    @property
    def thread_id(self) -> int | None:
        """The topic of a forum that the update comes from."""
        message = self.message
        return message.message_thread_id if message and message.is_topic_message else None

    async def change_settings(self, **settings: object) -> None:
        """Change settings of the reader; what is said from now on knows of it."""
        self.reader = await readers.update(self.connection, self.reader, self.now, **settings)

    def text(self, key: str, **values: object) -> str:
        """A text of the catalogue in the reader's language; values are escaped for Telegram's
        HTML.
        """
        return text(key, self.reader.language, **values)

    def say(
        self,
        html: str,
        keyboard: Keyboard | None = None,
        *,
        story_id: int | None = None,
        once: str | None = None,
    ) -> None:
        """Send a message to the chat; in a group, where many talk, as a reply to who asked. What is
        named by `once` the chat is told by the first of several updates only.
        """
        parameters = text_message(html, keyboard)
        asked = self.update.message
        if asked and asked.chat.type != telegram.Chat.PRIVATE:
            parameters["reply_parameters"] = {
                "message_id": asked.message_id,
                "allow_sending_without_reply": True,
            }
        self.call("sendMessage", parameters, story_id=story_id, once=once)

    def change(self, html: str, keyboard: Keyboard | None = None) -> None:
        """Replace the message whose button was pressed; where that cannot be, send a new one."""
        query = self.update.callback_query
        if query is None or query.message is None or not query.message.is_accessible:
            self.say(html, keyboard)
            return
        parameters = text_message(html, keyboard) | {"message_id": query.message.message_id}
        self.call("editMessageText", parameters)

    def answer(self, words: str = "", *, alert: bool = False) -> None:
        """Answer the pressed button with a short notice of at most 200 characters."""
        query = self.update.callback_query
        if query is None or self.callback_answered:
            return
        self.callback_answered = True
        self.outgoing.append(answer_to_press(self._next_key(), query.id, words, alert=alert))

    def send_document(self, filename: str, content: str, caption: str) -> None:
        """Send a text file."""
        document = {"filename": filename, "text": content}
        parameters = {"document": document, "caption": caption, "parse_mode": "HTML"}
        self.call("sendDocument", parameters)

    def call(
        self,
        method: str,
        parameters: Parameters,
        *,
        story_id: int | None = None,
        once: str | None = None,
    ) -> None:
        """Enqueue any method of the Bot API for this chat; what is sent goes to the topic of a
        forum that the update came from.
        """
        place: Parameters = {"chat_id": self.chat.id}
        if self.thread_id and method.startswith("send"):
            place["message_thread_id"] = self.thread_id
        self.outgoing.append(
            OutgoingMessage(
                key=f"once:{self.chat.id}:{once}" if once else self._next_key(),
                chat_id=self.chat.id,
                method=method,
                parameters=place | parameters,
                story_id=story_id,
            )
        )

    def _next_key(self) -> str:
        return f"update:{self.update.update_id}:{len(self.outgoing)}"
