"""What is said without a command."""

from __future__ import annotations

from app.telegram.commands import ask, settings, start, topics
from app.telegram.exchange import Exchange


async def heard(exchange: Exchange) -> None:
    """Words that are no command: an answer to an open question, or something to give a hint
    about.
    """
    words = exchange.argument
    if words and not exchange.is_new and await ask.heard_reply(exchange, words):
        return
    if not exchange.is_private:
        return
    if exchange.is_new:
        await start.start(exchange)
    elif not (words and await _answers(exchange, words)):
        # Each picture of an album is an update of its own.
        album = exchange.message.media_group_id if exchange.message else None
        exchange.say(exchange.text("help.hint"), once=f"hint:{album}" if album else None)


async def _answers(exchange: Exchange, words: str) -> bool:
    """Whether the words were the answer to a question that is open, or go on with a
    conversation.
    """
    return (
        await settings.heard(exchange, words)
        or await topics.heard(exchange, words)
        or await ask.heard(exchange, words)
        or await start.heard(exchange, words)
    )
