"""/broadcast, for the operator: a message to all readers, previewed and sent after a tap."""

from __future__ import annotations

from app.readers import store as readers
from app.telegram.handle.context import HandlerContext
from app.telegram.operator import broadcasts
from app.telegram.operator.broadcasts import Broadcast
from app.telegram.operator.markup import MarkupError, html_after_command
from app.telegram.send.messages import Keyboard, parse_number
from app.wording import LANGUAGES, Html

ALL = "all"


async def broadcast(context: HandlerContext) -> None:
    """`/broadcast text`, or `/broadcast` in reply to the message to send."""
    message = context.message
    if message is None:
        return
    if not context.argument and message.reply_to_message:
        message = message.reply_to_message
    try:
        html = html_after_command(message)
    except MarkupError as error:
        context.say(context.text(error.key, **error.values))
        return
    if not html or html.startswith("/"):
        context.say(context.text("broadcast.usage"))
        return
    broadcast_id = await broadcasts.draft(context.connection, html)
    draft = await broadcasts.load(context.connection, broadcast_id)
    if draft is not None:
        context.say(html)
        context.say(*await _question(context, draft))


async def on_button(context: HandlerContext, data: str) -> None:
    """`<broadcast id>:send`, `:cancel`, or `:to:<language or all>`."""
    number, _, action = data.partition(":")
    chosen = await broadcasts.load(context.connection, parse_number(number) or 0)
    if chosen is None:
        context.answer(context.text("button.unknown"))
    elif chosen.state != "draft":
        context.answer(context.text(f"broadcast.is_{chosen.state}"))
    elif action == "send":
        await _send(context, chosen)
    elif action == "cancel":
        await broadcasts.cancel(context.connection, chosen.id)
        context.change(context.text("broadcast.cancelled"))
    elif action.startswith("to:"):
        language = action.removeprefix("to:")
        await broadcasts.choose_language(
            context.connection, chosen.id, language if language in LANGUAGES else None
        )
        changed = await broadcasts.load(context.connection, chosen.id)
        if changed is not None:
            context.change(*await _question(context, changed))


async def _send(context: HandlerContext, chosen: Broadcast) -> None:
    query = context.update.callback_query
    message_id = query.message.message_id if query and query.message else None
    if await broadcasts.confirm(context.connection, chosen.id, message_id):
        context.change(context.text("broadcast.started", number=chosen.id))
    else:
        context.answer(context.text("broadcast.too_old"), alert=True)


async def _question(context: HandlerContext, draft: Broadcast) -> tuple[str, Keyboard]:
    """The recipients, with the buttons to send, restrict or cancel."""
    getting = await readers.reachable(context.connection, language=draft.language)
    everybody = await readers.count(context.connection, context.now)
    whom = context.text("broadcast.everybody")
    if draft.language is not None:
        whom = context.text("broadcast.speakers", name=LANGUAGES[draft.language])
    html = context.text(
        "broadcast.question",
        count=len(getting),
        whom=Html(whom),
        paused=everybody.paused,
        unreachable=everybody.unreachable,
    )
    choices = [(context.text("broadcast.to_all"), f"broadcast:{draft.id}:to:{ALL}")] + [
        (name, f"broadcast:{draft.id}:to:{language}") for language, name in LANGUAGES.items()
    ]
    kept = [choice for choice in choices if not choice[1].endswith(f":{draft.language or ALL}")]
    decide = [(context.text("broadcast.cancel"), f"broadcast:{draft.id}:cancel")]
    if getting:
        send = context.text("broadcast.send", count=len(getting))
        decide.insert(0, (send, f"broadcast:{draft.id}:send"))
    return html, [decide, kept]
