"""/help: what there is to do, and each command in detail."""

from __future__ import annotations

from contextlib import suppress

from app.telegram.exchange import Exchange


async def help_(exchange: Exchange) -> None:
    """`/help` lists the commands, `/help settings` tells how one is used."""
    name = exchange.argument.lower().lstrip("/").partition("@")[0].partition(" ")[0]
    if name:
        exchange.say(_usage(exchange, name) or exchange.text("help.no_such", name=name[:32]))
        return
    listed = exchange.text("help.text")
    if exchange.is_operator:
        listed = f"{listed}\n\n{exchange.text('help.operator')}"
    exchange.say(listed)


def _usage(exchange: Exchange, name: str) -> str | None:
    for group in ("usage", "operator_usage") if exchange.is_operator else ("usage",):
        with suppress(KeyError):
            return exchange.text(f"{group}.{name}")
    return None
