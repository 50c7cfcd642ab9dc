"""/help: what there is to do."""

from __future__ import annotations

from app.telegram.exchange import Exchange


async def help_(exchange: Exchange) -> None:
    exchange.say(exchange.text("help.text"))
