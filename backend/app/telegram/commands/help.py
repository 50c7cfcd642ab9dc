"""/help: what there is to do, and each command in detail."""

from __future__ import annotations

from app.telegram.exchange import Exchange


async def help_(exchange: Exchange) -> None:
    """`/help` lists the commands, `/help settings` tells how one is used."""
    name = exchange.argument.lower().lstrip("/").partition("@")[0].partition(" ")[0]
    if not name:
        exchange.say(exchange.text("help.text"))
        return
    try:
        usage = exchange.text(f"usage.{name}")
    except KeyError:
        exchange.say(exchange.text("help.no_such", name=name[:32]))
    else:
        exchange.say(usage)
