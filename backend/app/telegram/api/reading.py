"""Parses updates. A field that is missing, unknown or of another type counts as absent."""

from __future__ import annotations

from typing import Any

from app.telegram.api.rich_text import read_rich_message
from app.telegram.api.types import (
    CallbackQuery,
    Chat,
    Entity,
    MemberChange,
    Message,
    StoppedDraft,
    Update,
    User,
)
from app.telegram.api.updates import BIGINT, RawUpdate

# Fields of service messages (https://core.telegram.org/bots/api#message). A message without any of
# them was written by somebody, even if its content is of an unknown kind.
SERVICE_FIELDS = frozenset(
    {
        "boost_added",
        "channel_chat_created",
        "chat_background_set",
        "chat_owner_changed",
        "chat_owner_left",
        "chat_shared",
        "checklist_tasks_added",
        "checklist_tasks_done",
        "community_chat_added",
        "community_chat_joined",
        "community_chat_removed",
        "connected_website",
        "delete_chat_photo",
        "direct_message_price_changed",
        "forum_topic_closed",
        "forum_topic_created",
        "forum_topic_edited",
        "forum_topic_reopened",
        "general_forum_topic_hidden",
        "general_forum_topic_unhidden",
        "gift",
        "gift_upgrade_sent",
        "giveaway_completed",
        "giveaway_created",
        "group_chat_created",
        "left_chat_member",
        "managed_bot_created",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "paid_message_price_changed",
        "passport_data",
        "pinned_message",
        "poll_option_added",
        "poll_option_deleted",
        "proximity_alert_triggered",
        "refunded_payment",
        "successful_payment",
        "suggested_post_approval_failed",
        "suggested_post_approved",
        "suggested_post_declined",
        "suggested_post_paid",
        "suggested_post_refunded",
        "supergroup_chat_created",
        "unique_gift",
        "user_shared",
        "users_shared",
        "video_chat_ended",
        "video_chat_participants_invited",
        "video_chat_scheduled",
        "video_chat_started",
        "web_app_data",
        "write_access_allowed",
    }
)


def read_update(payload: RawUpdate) -> Update:
    """The update as far as the app uses it."""
    return Update(
        update_id=_int(payload, "update_id") or 0,
        message=_message(payload.get("message")),
        channel_post=_message(payload.get("channel_post")),
        callback_query=_callback_query(payload.get("callback_query")),
        my_chat_member=_member_change(payload.get("my_chat_member")),
        stopped=_stopped(payload.get("stopped_message_generation")),
    )


def _message(value: object, *, replied: bool = False) -> Message | None:
    """A message; the reply of a message that is replied to is left out, as in the Bot API."""
    fields = _object(value)
    chat = _chat(fields.get("chat"))
    if chat is None:
        return None
    replied_to = None if replied else _message(fields.get("reply_to_message"), replied=True)
    text, entities = _str(fields, "text"), _entities(fields.get("entities"))
    if text is None and "rich_message" in fields:
        text, entities = read_rich_message(fields["rich_message"])
    return Message(
        message_id=_int(fields, "message_id") or 0,
        chat=chat,
        from_user=_user(fields.get("from")),
        sender_chat=_chat(fields.get("sender_chat")),
        ephemeral_id=_int(fields, "ephemeral_message_id"),
        text=text,
        entities=entities,
        reply_to_message=replied_to,
        topic_id=_topic(fields),
        media_group_id=_str(fields, "media_group_id"),
        is_automatic_forward=fields.get("is_automatic_forward") is True,
        is_service=not SERVICE_FIELDS.isdisjoint(fields),
        # "Always 0" in an inaccessible message.
        is_accessible=fields.get("date") != 0,
        migrate_to_chat_id=_int(fields, "migrate_to_chat_id"),
        migrate_from_chat_id=_int(fields, "migrate_from_chat_id"),
    )


def _topic(message: dict[str, Any]) -> int | None:
    topic = _int(_object(message.get("direct_messages_topic")), "topic_id")
    if topic is None and message.get("is_topic_message") is True:
        topic = _int(message, "message_thread_id")
    return topic


def _callback_query(value: object) -> CallbackQuery | None:
    fields = _object(value)
    query_id = fields.get("id")
    if not isinstance(query_id, (str, int)):
        return None
    return CallbackQuery(
        id=str(query_id),
        from_user=_user(fields.get("from")),
        message=_message(fields.get("message")),
        data=_str(fields, "data") or "",
    )


def _member_change(value: object) -> MemberChange | None:
    fields = _object(value)
    chat, member = _chat(fields.get("chat")), _object(fields.get("new_chat_member"))
    status = _str(member, "status")
    if chat is None or status is None:
        return None
    rights = {name: right for name, right in member.items() if isinstance(right, bool)}
    return MemberChange(chat, _user(fields.get("from")), status, rights)


def _stopped(value: object) -> StoppedDraft | None:
    fields = _object(value)
    chat, draft_id = _chat(fields.get("chat")), _int(fields, "draft_id")
    return None if chat is None or draft_id is None else StoppedDraft(chat, draft_id)


def _chat(value: object) -> Chat | None:
    fields = _object(value)
    chat_id = _int(fields, "id")
    if chat_id is None:
        return None
    kind = _str(fields, "type") or (Chat.PRIVATE if chat_id > 0 else "supergroup")
    if fields.get("is_direct_messages") is True:
        kind = Chat.DIRECT_MESSAGES
    return Chat(chat_id, kind, _str(fields, "title") or _full_name(fields) or None)


def _user(value: object) -> User | None:
    fields = _object(value)
    user_id = _int(fields, "id")
    if user_id is None:
        return None
    return User(
        id=user_id,
        is_bot=fields.get("is_bot") is True,
        full_name=_full_name(fields),
        username=_str(fields, "username"),
        language_code=_str(fields, "language_code"),
    )


def _full_name(fields: dict[str, Any]) -> str:
    names = _str(fields, "first_name"), _str(fields, "last_name")
    return " ".join(name for name in names if name)


def _entities(value: object) -> tuple[Entity, ...]:
    found = [_entity(one) for one in value] if isinstance(value, list) else []
    return tuple(one for one in found if one is not None)


def _entity(value: object) -> Entity | None:
    fields = _object(value)
    kind = _str(fields, "type")
    offset, length = _int(fields, "offset"), _int(fields, "length")
    if kind is None or offset is None or length is None or offset < 0 or length < 0:
        return None
    return Entity(
        type=kind,
        offset=offset,
        length=length,
        url=_str(fields, "url"),
        user_id=_int(_object(fields.get("user")), "id"),
        language=_str(fields, "language"),
        custom_emoji_id=_str(fields, "custom_emoji_id"),
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _str(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _int(fields: dict[str, Any], name: str) -> int | None:
    value = fields.get(name)
    whole = isinstance(value, int) and not isinstance(value, bool) and value in BIGINT
    return value if whole else None
