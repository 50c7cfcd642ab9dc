"""Commands and buttons that there are not, or no longer."""

from __future__ import annotations

from difflib import get_close_matches

from app.telegram.commands import COMMANDS, OPERATOR_COMMANDS
from app.telegram.exchange import Exchange

ALIKE = 0.6


async def command(exchange: Exchange) -> None:
    """Say so, and which command may have been meant."""
    name = exchange.command[:32]
    known = [*COMMANDS, *(OPERATOR_COMMANDS if exchange.is_operator else ())]
    meant = get_close_matches(name.lower(), known, n=1, cutoff=ALIKE)
    if meant:
        exchange.say(exchange.text("command.unknown_but", name=name, meant=meant[0]))
    else:
        exchange.say(exchange.text("command.unknown", name=name))


async def button(exchange: Exchange) -> None:
    exchange.answer(exchange.text("button.unknown"))
