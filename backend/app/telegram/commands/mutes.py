"""/mute and /unmute: words and sites that a reader is to be spared."""

from __future__ import annotations

import re

import telegram

from app.readers import tastes
from app.readers.mutes import parse_mute
from app.readers.tastes import Taste
from app.telegram.commands import settings_pages as pages
from app.telegram.exchange import Exchange
from app.telegram.messages import tag

MOST_MUTES = 200
_SEPARATORS = re.compile(r"[,;\n]+")


async def mute_command(exchange: Exchange) -> None:
    """`/mute crypto, example.com`; alone it shows what is muted."""
    await mute(exchange, exchange.argument)


async def unmute_command(exchange: Exchange) -> None:
    """`/unmute crypto`; alone it shows what is muted."""
    await unmute(exchange, exchange.argument)


async def mute(exchange: Exchange, words: str) -> None:
    """Mute what was typed and show what is muted now."""
    if not words.strip():
        await exchange.change_settings(awaiting="muted" if exchange.is_private else None)
        await _show(exchange)
        return
    found = [parse_mute(part) for part in _SEPARATORS.split(words) if part.strip()]
    known = await _muted(exchange)
    if not found or None in found:
        exchange.say(exchange.text("mute.wrong", value=words[:60]))
    elif len(known.muted_words) + len(known.muted_sites) + len(found) > MOST_MUTES:
        exchange.say(exchange.text("mute.too_many", most=MOST_MUTES))
    else:
        for kind, value in filter(None, found):
            await tastes.mute(exchange.connection, exchange.chat.id, kind, value)
        await _show(exchange)


async def unmute(exchange: Exchange, words: str) -> None:
    """Unmute what was typed, however it is written."""
    if not words.strip():
        await exchange.change_settings(awaiting="muted" if exchange.is_private else None)
        await _show(exchange)
        return
    unknown = []
    for part in filter(str.strip, _SEPARATORS.split(words)):
        parsed = parse_mute(part)
        value = await _known(exchange, parsed[1] if parsed else part)
        if value is None or not await tastes.unmute(exchange.connection, exchange.chat.id, value):
            unknown.append(" ".join(part.split())[:60])
    if unknown:
        exchange.say(exchange.text("mute.not_muted", values=", ".join(unknown[:10])))
    else:
        await _show(exchange)


async def remove_tagged(exchange: Exchange, tagged: str) -> bool:
    """Unmute what a button stands for. Returns whether it was muted."""
    taste = await _muted(exchange)
    for value in (*taste.muted_words, *taste.muted_sites):
        if tag(value) == tagged:
            return await tastes.unmute(exchange.connection, exchange.chat.id, value)
    return False


async def _show(exchange: Exchange) -> None:
    taste = await _muted(exchange)
    words, keyboard = pages.muted_page(exchange, taste)
    if exchange.chat.type == telegram.Chat.CHANNEL:
        keyboard = []
        if values := [*taste.muted_words, *taste.muted_sites]:
            words = exchange.text("mute.posted", values=", ".join(values[: pages.MOST_MUTES_SHOWN]))
    exchange.say(words, keyboard)


async def _known(exchange: Exchange, typed: str) -> str | None:
    taste = await _muted(exchange)
    wanted = typed.casefold()
    values = (*taste.muted_words, *taste.muted_sites)
    return next((value for value in values if value.casefold() == wanted), None)


async def _muted(exchange: Exchange) -> Taste:
    return (await tastes.load_tastes(exchange.connection, [exchange.chat.id]))[exchange.chat.id]
