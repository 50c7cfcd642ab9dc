"""Changes of the bot's membership in chats, and of its rights there."""

from __future__ import annotations

from app.readers import store as readers
from app.telegram.api.types import MemberChange
from app.telegram.handle.commands import start
from app.telegram.handle.context import HandlerContext


async def on_membership_changed(context: HandlerContext) -> None:
    """The bot was blocked, unblocked, added to a group, removed, promoted or muted."""
    change = context.update.my_chat_member
    if change is None:
        return
    if not change.lets_the_bot_write:
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
    if (
        change.from_user is not None
        and change.lets_the_bot_write
        and not (context.is_private or known)
    ):
        await readers.set_added_by(context.connection, context.chat.id, change.from_user.id)
