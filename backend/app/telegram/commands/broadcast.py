"""/broadcast, for the operator: a message to all readers, shown first and sent after a tap."""

from __future__ import annotations

from app.readers import store as readers
from app.telegram import operator_broadcasts as broadcasts
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard, number_in
from app.telegram.operator_broadcasts import Broadcast
from app.telegram.operator_markup import MarkupError, html_after_command
from app.wording import LANGUAGES, Html

ALL = "all"


async def broadcast(exchange: Exchange) -> None:
    """`/broadcast text`, or `/broadcast` in reply to a message that says it."""
    message = exchange.message
    if message is None:
        return
    if not exchange.argument and message.reply_to_message:
        message = message.reply_to_message
    try:
        html = html_after_command(message)
    except MarkupError as error:
        exchange.say(exchange.text(error.key, **error.values))
        return
    if not html or html.startswith("/"):
        exchange.say(exchange.text("broadcast.usage"))
        return
    broadcast_id = await broadcasts.draft(exchange.connection, html)
    draft = await broadcasts.load(exchange.connection, broadcast_id)
    if draft is not None:
        exchange.say(html)
        exchange.say(*await _question(exchange, draft))


async def pressed(exchange: Exchange, data: str) -> None:
    """`<broadcast id>:send`, `:cancel`, or `:to:<language or all>`."""
    number, _, action = data.partition(":")
    chosen = await broadcasts.load(exchange.connection, number_in(number) or 0)
    if chosen is None:
        exchange.answer(exchange.text("button.unknown"))
    elif chosen.state != "draft":
        exchange.answer(exchange.text(f"broadcast.is_{chosen.state}"))
    elif action == "send":
        await _send(exchange, chosen)
    elif action == "cancel":
        await broadcasts.cancel(exchange.connection, chosen.id)
        exchange.change(exchange.text("broadcast.cancelled"))
    elif action.startswith("to:"):
        language = action.removeprefix("to:")
        await broadcasts.choose_language(
            exchange.connection, chosen.id, language if language in LANGUAGES else None
        )
        changed = await broadcasts.load(exchange.connection, chosen.id)
        if changed is not None:
            exchange.change(*await _question(exchange, changed))


async def _send(exchange: Exchange, chosen: Broadcast) -> None:
    query = exchange.update.callback_query
    message_id = query.message.message_id if query and query.message else None
    if await broadcasts.confirm(exchange.connection, chosen.id, message_id):
        exchange.change(exchange.text("broadcast.started", number=chosen.id))
    else:
        exchange.answer(exchange.text("broadcast.too_old"), alert=True)


async def _question(exchange: Exchange, draft: Broadcast) -> tuple[str, Keyboard]:
    """Who gets it, and what may be done about it."""
    getting = await readers.reachable(exchange.connection, language=draft.language)
    everybody = await readers.count(exchange.connection, exchange.now)
    whom = exchange.text("broadcast.everybody")
    if draft.language is not None:
        whom = exchange.text("broadcast.speakers", name=LANGUAGES[draft.language])
    html = exchange.text(
        "broadcast.question",
        count=len(getting),
        whom=Html(whom),
        paused=everybody.paused,
        unreachable=everybody.unreachable,
    )
    choices = [(exchange.text("broadcast.to_all"), f"broadcast:{draft.id}:to:{ALL}")] + [
        (name, f"broadcast:{draft.id}:to:{language}") for language, name in LANGUAGES.items()
    ]
    kept = [choice for choice in choices if not choice[1].endswith(f":{draft.language or ALL}")]
    decide = [(exchange.text("broadcast.cancel"), f"broadcast:{draft.id}:cancel")]
    if getting:
        send = exchange.text("broadcast.send", count=len(getting))
        decide.insert(0, (send, f"broadcast:{draft.id}:send"))
    return html, [decide, kept]
