"""/hn: the user on Hacker News whose replies are sent to the reader."""

from __future__ import annotations

from app.readers import hn_names
from app.readers.parsing import is_off
from app.telegram.handle.context import HandlerContext

MAX_SHOWN = 60


async def hn(context: HandlerContext) -> None:
    """`/hn name`, `/hn off`; alone it shows the current name."""
    words = context.argument
    if not words:
        name = await hn_names.name_of(context.connection, context.chat.id)
        key = "replies.none" if name is None else "replies.now"
        context.say(context.text(key, name=name or ""))
    elif is_off(words, context.reader.language):
        await hn_names.set_name(context.connection, context.chat.id, None)
        context.say(context.text("replies.off"))
    elif (name := hn_names.parse_name(words)) is None:
        context.say(context.text("replies.wrong", name=words[:MAX_SHOWN]))
    else:
        await hn_names.set_name(context.connection, context.chat.id, name)
        context.say(context.text("replies.begun", name=name))
