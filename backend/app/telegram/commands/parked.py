"""/parked, for the operator: updates that could not be handled, to be retried or dropped."""

from __future__ import annotations

from html import escape

from app.readers.schedule import zone
from app.telegram import inbox
from app.telegram.exchange import Exchange
from app.telegram.inbox import ParkedUpdate
from app.telegram.messages import Keyboard, number_in
from app.wording import Html

SHOWN = 5
MOST_ERROR = 300
MOST_WORDS = 60


async def parked(exchange: Exchange) -> None:
    exchange.say(*await _page(exchange))


async def pressed(exchange: Exchange, data: str) -> None:
    """`retry:<update id>`, `drop:<update id>`, or `retry:all`."""
    action, _, which = data.partition(":")
    if action not in ("retry", "drop"):
        return
    if which == "all":
        update_ids = [one.update_id for one in await inbox.parked(exchange.connection, None)]
    else:
        update_id = number_in(which)
        update_ids = [] if update_id is None else [update_id]
    settle = inbox.retry if action == "retry" else inbox.drop
    count = await settle(exchange.connection, update_ids)
    key = f"parked.{'retried' if action == 'retry' else 'dropped'}" if count else "parked.gone"
    exchange.answer(exchange.text(key, count=count))
    exchange.change(*await _page(exchange))


async def _page(exchange: Exchange) -> tuple[str, Keyboard]:
    every = await inbox.parked(exchange.connection, None)
    if not every:
        return exchange.text("parked.none"), []
    lines = [exchange.text("parked.heading", count=len(every))]
    keyboard = []
    for update in every[:SHOWN]:
        lines.append(_described(exchange, update))
        keyboard.append(
            [
                (
                    exchange.text("parked.retry", number=update.update_id),
                    f"parked:retry:{update.update_id}",
                ),
                (
                    exchange.text("parked.drop", number=update.update_id),
                    f"parked:drop:{update.update_id}",
                ),
            ]
        )
    if len(every) > 1:
        keyboard.append([(exchange.text("parked.retry_all", count=len(every)), "parked:retry:all")])
    return "\n\n".join(lines), keyboard


def _described(exchange: Exchange, update: ParkedUpdate) -> str:
    local = update.received_at.astimezone(zone(exchange.reader.timezone))
    kind = next((name for name in update.payload if name != "update_id"), "?")
    return exchange.text(
        "parked.update",
        number=update.update_id,
        kind=kind,
        chat=update.chat_id,
        at=local.strftime("%Y-%m-%d %H:%M"),
        words=Html(_words(update)),
        error=(update.error or "?")[:MOST_ERROR],
    )


def _words(update: ParkedUpdate) -> str:
    """What was typed or pressed, where the update is whole enough to tell."""
    message, query = update.payload.get("message"), update.payload.get("callback_query")
    said = message.get("text") if isinstance(message, dict) else None
    if isinstance(query, dict):
        said = query.get("data")
    return f"\n<code>{escape(said[:MOST_WORDS])}</code>" if isinstance(said, str) and said else ""
