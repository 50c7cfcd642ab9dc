"""Replies to commands and buttons that do not exist, or not any more."""

from __future__ import annotations

from difflib import get_close_matches

from app.telegram.handle.commands import COMMANDS, OPERATOR_COMMANDS
from app.telegram.handle.context import HandlerContext
from app.wording import text

ALIKE = 0.6


async def command(context: HandlerContext) -> None:
    context.say(answer(context.command, context.is_operator, context.reader.language))


def answer(name: str, operator: bool, language: str) -> str:
    """The reply, with the command that may have been meant."""
    name = name[:32]
    known = [*COMMANDS, *(OPERATOR_COMMANDS if operator else ())]
    meant = get_close_matches(name.lower(), known, n=1, cutoff=ALIKE)
    if meant:
        return text("command.unknown_but", language, name=name, meant=meant[0])
    return text("command.unknown", language, name=name)


async def button(context: HandlerContext) -> None:
    context.answer(context.text("button.unknown"))
