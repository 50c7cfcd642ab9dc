"""Requests for files, which are made after the handler and sent as separate messages."""

from __future__ import annotations

from app.readers import store as readers
from app.telegram.exports import jobs
from app.telegram.handle.context import HandlerContext


async def ask_for_file(context: HandlerContext, kind: str) -> None:
    """Request a file of the chat's saved stories, and confirm."""
    await _ask(context, kind, context.user_id, "export.coming")


async def ask_for_data(context: HandlerContext) -> None:
    """Request a file of everything stored about the chat. A group's data is sent in private to the
    admin who asks, never to the group.
    """
    if context.is_private:
        await _ask(context, jobs.DATA, context.chat.id, "export.coming")
        return
    user, message = context.user, context.message
    if user is None or user.is_bot or (message is not None and message.sender_chat is not None):
        context.say(context.text("export.who"))
        return
    admin = (await readers.load(context.connection, [user.id])).get(user.id)
    if admin is None or admin.unreachable_at is not None:
        context.say_privately(context.text("export.start_first"))
        return
    await _ask(context, jobs.DATA, user.id, "export.coming_privately")


async def _ask(context: HandlerContext, kind: str, user_id: int, answer: str) -> None:
    queued = await jobs.ask(context.connection, context.chat.id, user_id, kind)
    most = jobs.MAX_ASKED[kind]
    context.say_privately(context.text(answer if queued else "export.enough", count=most))
