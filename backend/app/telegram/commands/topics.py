"""/topics and the buttons for interests."""

from __future__ import annotations

from app.readers import tastes
from app.readers.interests import MOST_INTERESTS, TOPICS, parse_phrases
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard

COLUMNS = 3


async def topics(exchange: Exchange) -> None:
    """`/topics` shows the interests; `/topics rust, climate` adds some."""
    if exchange.argument:
        await add(exchange, exchange.argument)
        return
    names = await _interests(exchange)
    exchange.say(_listed(exchange, names), keyboard(names))


async def add(exchange: Exchange, typed: str) -> bool:
    """Add typed phrases and say so. Returns whether there were any that could be added."""
    phrases = parse_phrases(typed)
    known = await _interests(exchange)
    if len(known) + len(phrases) > MOST_INTERESTS:
        exchange.say(exchange.text("topics.too_many", count=len(known), most=MOST_INTERESTS))
        return False
    await tastes.add_interests(exchange.connection, exchange.chat.id, phrases)
    if phrases:
        exchange.say(exchange.text("topics.added", topics=", ".join(phrases)))
    return bool(phrases)


async def pressed(exchange: Exchange, name: str) -> None:
    """A topic was tapped in the list of /topics."""
    await toggle(exchange, name)
    names = await _interests(exchange)
    exchange.change(_listed(exchange, names), keyboard(names))


async def toggle(exchange: Exchange, name: str) -> None:
    phrase = TOPICS.get(name, name)
    if not await tastes.remove_interest(exchange.connection, exchange.chat.id, phrase):
        await tastes.add_interests(exchange.connection, exchange.chat.id, [phrase])


async def chosen(exchange: Exchange) -> list[str]:
    """The phrases that the reader has named."""
    return await _interests(exchange)


def keyboard(names: list[str], prefix: str = "topic") -> Keyboard:
    """All topics, those that are chosen ticked, and the reader's own phrases."""
    buttons = [
        (f"✓ {label}" if phrase in names else label, f"{prefix}:{label}")
        for label, phrase in TOPICS.items()
    ]
    own = [name for name in names if name not in TOPICS.values()]
    # Callback data holds 64 bytes; a longer phrase can be removed by typing.
    buttons += [(f"✓ {name}", f"{prefix}:{name}") for name in own if len(name.encode()) <= 40]
    return [buttons[start : start + COLUMNS] for start in range(0, len(buttons), COLUMNS)]


def _listed(exchange: Exchange, names: list[str]) -> str:
    if not names:
        return exchange.text("topics.none")
    return exchange.text("topics.list", topics=", ".join(names))


async def _interests(exchange: Exchange) -> list[str]:
    known = await tastes.load_tastes(exchange.connection, [exchange.chat.id])
    interests = known[exchange.chat.id].interests
    return [interest.phrase for interest in interests if interest.source == "reader"]
