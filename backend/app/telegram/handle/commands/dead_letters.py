"""/parked, for the operator: dead letters, to be retried or dropped."""

from __future__ import annotations

from html import escape

from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.telegram.receive import inbox
from app.telegram.receive.inbox import DeadLetter
from app.telegram.send.messages import Keyboard, parse_number
from app.wording import Html

SHOWN = 5
MAX_ERROR = 300
MAX_WORDS = 60


async def show(context: HandlerContext) -> None:
    context.say(*await _page(context))


async def on_button(context: HandlerContext, data: str) -> None:
    """`retry:<update id>`, `drop:<update id>`, or `retry:all`."""
    action, _, which = data.partition(":")
    if action not in ("retry", "drop"):
        return
    if which == "all":
        update_ids = [one.update_id for one in await inbox.dead_letters(context.connection, None)]
    else:
        update_id = parse_number(which)
        update_ids = [] if update_id is None else [update_id]
    settle = inbox.retry if action == "retry" else inbox.drop
    count = await settle(context.connection, update_ids)
    key = f"parked.{'retried' if action == 'retry' else 'dropped'}" if count else "parked.gone"
    context.answer(context.text(key, count=count))
    context.change(*await _page(context))


async def _page(context: HandlerContext) -> tuple[str, Keyboard]:
    every = await inbox.dead_letters(context.connection, None)
    if not every:
        return context.text("parked.none"), []
    lines = [context.text("parked.heading", count=len(every))]
    keyboard = []
    for update in every[:SHOWN]:
        lines.append(_described(context, update))
        keyboard.append(
            [
                (
                    context.text("parked.retry", number=update.update_id),
                    f"parked:retry:{update.update_id}",
                ),
                (
                    context.text("parked.drop", number=update.update_id),
                    f"parked:drop:{update.update_id}",
                ),
            ]
        )
    if len(every) > 1:
        keyboard.append([(context.text("parked.retry_all", count=len(every)), "parked:retry:all")])
    return "\n\n".join(lines), keyboard


def _described(context: HandlerContext, update: DeadLetter) -> str:
    local = update.received_at.astimezone(zone(context.reader.timezone))
    kind = next((name for name in update.payload if name != "update_id"), "?")
    return context.text(
        "parked.update",
        number=update.update_id,
        kind=kind,
        chat=update.chat_id,
        at=local.strftime("%Y-%m-%d %H:%M"),
        words=Html(_words(update)),
        error=(update.error or "?")[:MAX_ERROR],
    )


def _words(update: DeadLetter) -> str:
    """The typed text or the tapped button's data, if the update contains it."""
    message, query = update.payload.get("message"), update.payload.get("callback_query")
    said = message.get("text") if isinstance(message, dict) else None
    if isinstance(query, dict):
        said = query.get("data")
    return f"\n<code>{escape(said[:MAX_WORDS])}</code>" if isinstance(said, str) and said else ""
