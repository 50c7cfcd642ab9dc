"""/maintenance, for the operator: readers' updates wait, and each chat is told so."""

from __future__ import annotations

from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.telegram.operator.status import describe
from app.telegram.receive import inbox, maintenance
from app.telegram.receive.maintenance import parse_length
from app.telegram.send.messages import Keyboard

MAX_NAME = 40


async def maintenance_command(context: HandlerContext) -> None:
    """`/maintenance`, `/maintenance on`, `/maintenance on for 2h`, `/maintenance off`."""
    action, _, words = context.argument.lower().partition(" ")
    if action == "off" and not words:
        context.say(await _end(context))
    elif action == "on":
        try:
            length = parse_length(words)
        except ValueError:
            context.say(context.text("maintenance.usage"))
            return
        await maintenance.begin(context.connection, _who(context), length)
        context.say(*await _page(context))
    elif action:
        context.say(context.text("maintenance.usage"))
    else:
        context.say(*await _page(context))


async def on_button(context: HandlerContext, data: str) -> None:
    """`off`."""
    if data == "off":
        context.change(await _end(context))


async def _end(context: HandlerContext) -> str:
    if await maintenance.end(context.connection) is None:
        return context.text("maintenance.is_off")
    return context.text("maintenance.ended", count=await _waiting(context))


async def _page(context: HandlerContext) -> tuple[str, Keyboard]:
    state = await maintenance.load(context.connection)
    if state is None or not state.is_on:
        return f"{context.text('maintenance.is_off')}\n{context.text('maintenance.usage')}", []
    lines = [
        describe(state, context.now, context.reader.language, zone(context.reader.timezone)),
        context.text("maintenance.waiting", count=await _waiting(context)),
    ]
    return "\n".join(lines), [[(context.text("maintenance.end"), "maintenance:off")]]


async def _waiting(context: HandlerContext) -> int:
    """The number of updates that wait, except the one that asks."""
    return max(0, (await inbox.depth(context.connection)).pending - 1)


def _who(context: HandlerContext) -> str:
    user = context.user
    name = user.username if user and user.username else str(context.user_id)
    return name[:MAX_NAME]
