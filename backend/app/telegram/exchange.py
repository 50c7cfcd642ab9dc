"""One update and what is said in return: what a command or a button works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import telegram

from app.database.connection import Connection
from app.readers.store import Reader
from app.settings import Settings
from app.telegram.messages import Keyboard, text_message
from app.telegram.outbox import NO_CHAT, OutgoingMessage, Parameters
from app.wording import text

# The Bot API lets a button's press be answered for some time only.
CALLBACK_LIFETIME = timedelta(seconds=60)


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
    def argument(self) -> str:
        """What stands behind the command, or the whole text of a message without one."""
        words = (self.message and self.message.text) or ""
        if not words.startswith("/"):
            return words.strip()
        _, _, rest = words.partition(" ")
        return rest.strip()

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
        reply: bool = False,
        story_id: int | None = None,
    ) -> None:
        """Send a message to the chat."""
        parameters = text_message(html, keyboard)
        if reply and self.message:
            parameters["reply_parameters"] = {
                "message_id": self.message.message_id,
                "allow_sending_without_reply": True,
            }
        self.call("sendMessage", parameters, story_id=story_id)

    def change(self, html: str, keyboard: Keyboard | None = None) -> None:
        """Replace the message whose button was pressed; without one, send a new message."""
        query = self.update.callback_query
        if query is None or query.message is None:
            self.say(html, keyboard)
            return
        parameters = text_message(html, keyboard) | {"message_id": query.message.message_id}
        self.call("editMessageText", parameters)

    def answer(self, plain: str = "", *, alert: bool = False) -> None:
        """Answer the pressed button with a short notice of at most 200 characters."""
        query = self.update.callback_query
        if query is None or self.callback_answered:
            return
        self.callback_answered = True
        self.call(
            "answerCallbackQuery",
            {"callback_query_id": query.id, "text": plain[:200], "show_alert": alert},
            lifetime=CALLBACK_LIFETIME,
            to_chat=False,
        )

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
        lifetime: timedelta | None = None,
        to_chat: bool = True,
    ) -> None:
        """Enqueue any method of the Bot API."""
        self.outgoing.append(
            OutgoingMessage(
                key=f"update:{self.update.update_id}:{len(self.outgoing)}",
                chat_id=self.chat.id if to_chat else NO_CHAT,
                method=method,
                parameters={"chat_id": self.chat.id, **parameters} if to_chat else parameters,
                story_id=story_id,
                lifetime=lifetime,
            )
        )
