"""The fields of the Bot API's objects that the app uses.

All fields are optional: Telegram adds fields with every release, other servers omit some, and an
unused field must not make an update fail. `app.telegram.api.reading` parses these objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class User:
    """https://core.telegram.org/bots/api#user"""

    id: int
    is_bot: bool = False
    full_name: str = ""
    username: str | None = None
    language_code: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """https://core.telegram.org/bots/api#chat; `name` is its title or the person's full name."""

    PRIVATE: ClassVar = "private"
    CHANNEL: ClassVar = "channel"
    # Not a type of the Bot API, which treats it as a supergroup: a channel's direct messages, with
    # a topic for each subscriber.
    DIRECT_MESSAGES: ClassVar = "direct_messages"

    id: int
    type: str
    name: str | None = None

    @property
    def is_private(self) -> bool:
        return self.type == self.PRIVATE

    @property
    def is_channel(self) -> bool:
        return self.type == self.CHANNEL


@dataclass(frozen=True, slots=True)
class Entity:
    """https://core.telegram.org/bots/api#messageentity; offset and length are in UTF-16 units."""

    type: str
    offset: int
    length: int
    url: str | None = None
    user_id: int | None = None
    language: str | None = None
    custom_emoji_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """https://core.telegram.org/bots/api#message

    Attributes:
        text: the typed text, or the text of a rich message; None for other content.
        ephemeral_id: the id of a message that one member of a group sees; its `message_id` is 0.
        topic_id: the topic of a forum or of a channel's direct messages.
        is_service: it reports an event, such as a pinned message.
        is_accessible: not deleted, nor too old for the Bot API.
    """

    message_id: int
    chat: Chat
    from_user: User | None = None
    sender_chat: Chat | None = None
    ephemeral_id: int | None = None
    text: str | None = None
    entities: tuple[Entity, ...] = ()
    reply_to_message: Message | None = None
    topic_id: int | None = None
    media_group_id: str | None = None
    is_automatic_forward: bool = False
    is_service: bool = False
    is_accessible: bool = True
    migrate_to_chat_id: int | None = None
    migrate_from_chat_id: int | None = None


@dataclass(frozen=True, slots=True)
class CallbackQuery:
    """https://core.telegram.org/bots/api#callbackquery"""

    id: str
    from_user: User | None
    message: Message | None
    data: str


@dataclass(frozen=True, slots=True)
class MemberChange:
    """https://core.telegram.org/bots/api#chatmemberupdated: the bot's new status in a chat.

    Attributes:
        rights: the rights that the new status includes, such as `can_send_messages`.
    """

    BANNED: ClassVar = "kicked"
    LEFT: ClassVar = "left"
    RESTRICTED: ClassVar = "restricted"
    ADMINISTRATOR: ClassVar = "administrator"

    chat: Chat
    from_user: User | None
    status: str
    rights: dict[str, bool]

    @property
    def lets_the_bot_write(self) -> bool:
        """Whether the bot is in the chat and may write there."""
        match self.status:
            case self.BANNED | self.LEFT:
                return False
            case self.RESTRICTED:
                in_chat = self.rights.get("is_member", True)
                return in_chat and self.rights.get("can_send_messages", False)
            case self.ADMINISTRATOR:
                # Exists in channels only; in other chats admins may always write.
                return self.rights.get("can_post_messages", True)
            case _:
                return True


@dataclass(frozen=True, slots=True)
class StoppedDraft:
    """https://core.telegram.org/bots/api#messagegenerationstopped: a reader has stopped a draft."""

    chat: Chat
    draft_id: int


@dataclass(frozen=True, slots=True)
class Update:
    """https://core.telegram.org/bots/api#update, of the kinds in `ALLOWED_UPDATES`."""

    update_id: int
    message: Message | None = None
    channel_post: Message | None = None
    callback_query: CallbackQuery | None = None
    my_chat_member: MemberChange | None = None
    stopped: StoppedDraft | None = None

    @property
    def effective_message(self) -> Message | None:
        """The message that was sent, or whose button was tapped if it is still accessible."""
        pressed = self.callback_query.message if self.callback_query else None
        shown = pressed if pressed and pressed.is_accessible else None
        return self.message or self.channel_post or shown

    @property
    def effective_chat(self) -> Chat | None:
        message = self.message or self.channel_post
        if message is None and self.callback_query is not None:
            message = self.callback_query.message
        if message is not None:
            return message.chat
        change = self.my_chat_member or self.stopped
        return change.chat if change else None

    @property
    def effective_user(self) -> User | None:
        """The person who wrote or tapped; None if nobody is named, as in channels."""
        source = self.message or self.channel_post or self.callback_query or self.my_chat_member
        return source.from_user if source else None
