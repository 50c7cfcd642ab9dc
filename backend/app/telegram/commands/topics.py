"""/topics and the buttons for interests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import telegram

from app.readers import tastes
from app.readers.interests import MOST_INTERESTS, TOPICS, parse_phrases
from app.readers.phrases import fold_phrase
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard, in_rows, tag

COLUMNS = 3
MOST_ON_A_BUTTON = 24
_REMOVE = ("remove", "delete", "rm")


async def topics(exchange: Exchange) -> None:
    """`/topics` shows the interests, `/topics rust, climate` adds some, `/topics remove rust`
    takes one back.
    """
    words = exchange.argument
    action, _, rest = words.partition(" ")
    if action.lower() in _REMOVE or words.startswith("-"):
        await _remove(exchange, rest if action.lower() in _REMOVE else words.lstrip("- "))
    elif action.lower() == "add":
        await add(exchange, rest)
    elif words and action.lower() != "list":
        await add(exchange, words)
    else:
        await exchange.change_settings(awaiting="topics" if exchange.is_private else None)
        names = await chosen(exchange)
        exchange.say(_listed(exchange, names), [] if _is_channel(exchange) else keyboard(names))


async def heard(exchange: Exchange, words: str) -> bool:
    """Typed words after the list was shown. Returns whether they were taken as interests."""
    if exchange.reader.awaiting != "topics":
        return False
    await exchange.change_settings(awaiting=None)
    await add(exchange, words)
    return True


async def add(exchange: Exchange, typed: str) -> bool:
    """Add typed phrases and say so. Returns whether there were any that could be added."""
    phrases = parse_phrases(typed)
    known = await chosen(exchange)
    if too_many(known, phrases):
        exchange.say(exchange.text("topics.too_many", count=len(known), most=MOST_INTERESTS))
        return False
    if not phrases:
        exchange.say(exchange.text("topics.not_understood"))
        return False
    await tastes.add_interests(exchange.connection, exchange.chat.id, phrases)
    exchange.say(exchange.text("topics.added", topics=", ".join(phrases)))
    return True


async def pressed(exchange: Exchange, name: str) -> None:
    """A topic was tapped in the list of /topics."""
    await toggle(exchange, name)
    names = await chosen(exchange)
    exchange.change(_listed(exchange, names), keyboard(names))


async def toggle(exchange: Exchange, name: str) -> None:
    """Add a topic or take it back; of the reader's own ones the button names the tag."""
    names = await chosen(exchange)
    phrase = TOPICS.get(name) or next((one for one in names if tag(one) == name), None)
    if phrase is None:
        exchange.answer(exchange.text("button.unknown"))
    elif named := _alike(names, [phrase]):
        for one in named:
            await tastes.remove_interest(exchange.connection, exchange.chat.id, one)
    elif len(names) < MOST_INTERESTS:
        await tastes.add_interests(exchange.connection, exchange.chat.id, [phrase])
    else:
        exchange.answer(
            exchange.text("topics.too_many", count=len(names), most=MOST_INTERESTS), alert=True
        )


async def chosen(exchange: Exchange) -> list[str]:
    """The phrases that the reader has named."""
    known = await tastes.load_tastes(exchange.connection, [exchange.chat.id])
    interests = known[exchange.chat.id].interests
    return [interest.phrase for interest in interests if interest.source == tastes.READER]


def too_many(names: Sequence[str], phrases: Sequence[str]) -> bool:
    """Whether a reader with the interests `names` cannot have `phrases` as well."""
    return len({fold_phrase(phrase) for phrase in (*names, *phrases)}) > MOST_INTERESTS


def keyboard(names: list[str], prefix: str = "topic") -> Keyboard:
    """All topics, those that are chosen ticked, and the reader's own phrases."""
    buttons = [
        (f"✓ {label}" if _alike(names, [phrase]) else label, f"{prefix}:{label}")
        for label, phrase in TOPICS.items()
    ]
    topics_named = _alike(names, TOPICS.values())
    own = [name for name in names if name not in topics_named]
    buttons += [(f"✓ {name[:MOST_ON_A_BUTTON]}", f"{prefix}:{tag(name)}") for name in own]
    return in_rows(buttons, COLUMNS)


def _listed(exchange: Exchange, names: list[str]) -> str:
    known = exchange.text("topics.list" if names else "topics.none", topics=", ".join(names))
    how = exchange.text("topics.post" if _is_channel(exchange) else "topics.tap")
    return f"{known}\n\n{how}"


def _is_channel(exchange: Exchange) -> bool:
    """Where all subscribers would see buttons that are not for them."""
    return exchange.chat.type == telegram.Chat.CHANNEL


async def _remove(exchange: Exchange, typed: str) -> None:
    phrases = parse_phrases(typed)
    removed = _alike(await chosen(exchange), phrases)
    if not removed:
        exchange.say(exchange.text("topics.not_there", topics=", ".join(phrases)[:200] or "–"))
        return
    for name in removed:
        await tastes.remove_interest(exchange.connection, exchange.chat.id, name)
    exchange.say(exchange.text("topics.removed", topics=", ".join(removed)))


def _alike(names: Iterable[str], phrases: Iterable[str]) -> list[str]:
    """Those of `names` that say the same as one of `phrases`, such as rust and Rust."""
    wanted = set(map(fold_phrase, phrases))
    return [name for name in names if fold_phrase(name) in wanted]
