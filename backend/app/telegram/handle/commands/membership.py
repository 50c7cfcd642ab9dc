"""Changes of the bot's membership in chats, and of its rights there."""

from __future__ import annotations

from app.readers import store as readers
from app.telegram.api.types import MemberChange
from app.telegram.handle.commands import start
from app.telegram.handle.context import HandlerContext


def can_speak(change: MemberChange) -> bool:
    """Whether the bot is in the chat and may write there."""
    match change.status:
        case MemberChange.BANNED | MemberChange.LEFT:
            return False
        case MemberChange.RESTRICTED:
            in_chat = change.rights.get("is_member", True)
            return in_chat and change.rights.get("can_send_messages", False)
        case MemberChange.ADMINISTRATOR:
            # Exists in channels only; in other chats admins may always write.
            return change.rights.get("can_post_messages", True)
        case _:
            return True


async def on_membership_changed(context: HandlerContext) -> None:
    """The bot was blocked, unblocked, added to a group, removed, promoted or muted."""
    change = context.update.my_chat_member
    if change is None:
        return
    if not can_speak(change):
        # Whether it was removed, not only muted.
        out = change.status in (MemberChange.BANNED, MemberChange.LEFT)
        out = out or not change.rights.get("is_member", True)
        mark = readers.mark_unreachable if out else readers.mark_refusing
        await mark(context.connection, context.chat.id, f"status {change.status}")
    elif not context.chat.is_private and context.is_new:
        await start.start(context)
    else:
        await readers.mark_reachable(context.connection, context.reader, context.now)
    # The person who adds the bot, also after a removal, is recorded.
    known = context.reader.added_by is not None and context.reader.unreachable_at is None
    if change.from_user is not None and can_speak(change) and not (context.is_private or known):
        await readers.set_added_by(context.connection, context.chat.id, change.from_user.id)
