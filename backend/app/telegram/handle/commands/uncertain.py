"""/uncertain, for the operator: messages in doubt, to be sent again or dropped."""

from __future__ import annotations

from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.telegram.send import doubt
from app.telegram.send.doubt import DoubtfulMessage
from app.telegram.send.messages import Keyboard, parse_number

SHOWN = 5
MAX_ERROR = 300


async def show(context: HandlerContext) -> None:
    context.say(*await _page(context))


async def on_button(context: HandlerContext, data: str) -> None:
    """`resend:<row id>`, `drop:<row id>`, or `resend:all`."""
    action, _, which = data.partition(":")
    row_id = parse_number(which)
    count = 0
    if action == "resend" and (row_id is not None or which == "all"):
        count = await doubt.resend(context.connection, row_id)
    elif action == "drop" and row_id is not None:
        count = await doubt.drop(context.connection, row_id)
    key = (
        f"uncertain.{'resent' if action == 'resend' else 'dropped'}" if count else "uncertain.gone"
    )
    context.answer(context.text(key, count=count))
    context.change(*await _page(context))


async def _page(context: HandlerContext) -> tuple[str, Keyboard]:
    count = await doubt.count(context.connection)
    if not count:
        return context.text("uncertain.none"), []
    lines = [context.text("uncertain.heading", count=count)]
    keyboard = []
    for message in await doubt.doubtful(context.connection, SHOWN):
        lines.append(_described(context, message))
        keyboard.append(
            [
                (
                    context.text("uncertain.resend", number=message.id),
                    f"uncertain:resend:{message.id}",
                ),
                (
                    context.text("uncertain.drop", number=message.id),
                    f"uncertain:drop:{message.id}",
                ),
            ]
        )
    if count > 1:
        everything = context.text("uncertain.resend_all", count=count)
        keyboard.append([(everything, "uncertain:resend:all")])
    return "\n\n".join(lines), keyboard


def _described(context: HandlerContext, message: DoubtfulMessage) -> str:
    local = message.since.astimezone(zone(context.reader.timezone))
    return context.text(
        "uncertain.waits" if message.waits else "uncertain.over",
        number=message.id,
        chat=message.chat_id,
        at=local.strftime("%Y-%m-%d %H:%M"),
        name=message.key,
        count=message.doubts,
        error=(message.error or "?")[:MAX_ERROR],
    )
