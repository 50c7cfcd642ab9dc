"""Updates as python-telegram-bot's types, read with tolerance where the library insists."""

from __future__ import annotations

from typing import Any

import telegram

from app.telegram.first_poll import RawUpdate


def read_update(payload: RawUpdate) -> telegram.Update:
    """The update that Telegram sent.

    The library refuses a member without every single right that members of that status have. Here
    only the status and the right to speak matter, and a bot must hear of being blocked whatever
    the message about it lacks; so a member keeps all of that as `api_kwargs`.

    What stands below a message is left out: nothing here reads it, and the library refuses any but
    an inline keyboard.

    Raises:
        Exception: of many kinds, for what is malformed.
    """
    change = payload.get("my_chat_member")
    if not isinstance(change, dict):
        return telegram.Update.de_json(_without_markup(payload), None)
    bare = {"update_id": payload["update_id"], "message": {**change, "message_id": 0}}
    message = telegram.Update.de_json(bare, None).message
    assert message is not None and message.from_user is not None
    changed = telegram.ChatMemberUpdated(
        chat=message.chat,
        from_user=message.from_user,
        date=message.date,
        old_chat_member=_member(change["old_chat_member"]),
        new_chat_member=_member(change["new_chat_member"]),
    )
    return telegram.Update(payload["update_id"], my_chat_member=changed)


def _without_markup(payload: Any) -> Any:
    """The update without what stands below its messages."""
    if not isinstance(payload, dict):
        return payload
    return {
        name: _without_markup(value) for name, value in payload.items() if name != "reply_markup"
    }


def _member(member: RawUpdate) -> telegram.ChatMember:
    user = telegram.User.de_json(member["user"], None)
    rights = {name: value for name, value in member.items() if name not in ("user", "status")}
    return telegram.ChatMember(user, member["status"], api_kwargs=rights)
