"""/export_my_data and /delete_me: a reader's data belongs to the reader."""

from __future__ import annotations

import json

from app.readers.privacy import delete_everything, export_everything
from app.telegram.exchange import Exchange


async def export_my_data(exchange: Exchange) -> None:
    """Send every row about this chat as a JSON document."""
    everything = await export_everything(exchange.connection, exchange.chat.id)
    content = json.dumps(
        {"exported_at": exchange.now.isoformat(timespec="seconds"), **everything},
        ensure_ascii=False,
        indent=2,
    )
    caption = exchange.text("privacy.caption")
    exchange.send_document(f"hn-pal-data-{exchange.now.date()}.json", content, caption)


async def delete_me(exchange: Exchange) -> None:
    """Ask whether it is meant."""
    buttons = [
        (exchange.text("privacy.button_delete"), "delete:yes"),
        (exchange.text("privacy.button_keep"), "delete:no"),
    ]
    key = "privacy.confirm" if exchange.is_private else "privacy.confirm_group"
    exchange.say(exchange.text(key), [buttons])


async def pressed(exchange: Exchange, data: str) -> None:
    """`yes` or `no`."""
    if data == "yes":
        await delete_everything(exchange.connection, exchange.chat.id, exchange.update.update_id)
        exchange.change(exchange.text("privacy.deleted"))
    elif data == "no":
        exchange.change(exchange.text("privacy.kept"))
    else:
        exchange.answer(exchange.text("button.unknown"))
