"""/memory: what was learned about a reader's taste, why, and how to have it forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from app.digests.parts import MOST_TITLE, safe
from app.readers import memory as store
from app.readers.phrases import fold_phrase
from app.readers.tastes import Interest
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard, in_rows, tag
from app.wording import Html

MOST_SHOWN = 12
MOST_ON_A_BUTTON = 24


async def memory(exchange: Exchange) -> None:
    """`/memory view|pause|resume|forget <phrase>|clear`; alone it is `view`."""
    action, _, phrase = exchange.argument.partition(" ")
    match action.lower(), phrase.strip():
        case ("" | "view" | "show", ""):
            exchange.say(*await _view(exchange))
        case ("pause" | "resume") as wanted, "":
            await exchange.change_settings(memory_paused=wanted == "pause")
            exchange.say(exchange.text(f"memory.{wanted}d"))
        case "forget", phrase if phrase:
            await _forget(exchange, phrase)
        case "clear", "":
            exchange.say(*_confirm(exchange))
        case _:
            exchange.say(exchange.text("memory.usage"))


async def pressed(exchange: Exchange, data: str) -> None:
    """`view`, `pause`, `resume`, `forget:<tag>`, `clear` or `cleared`."""
    action, _, tagged = data.partition(":")
    match action:
        case "view":
            pass
        case "pause" | "resume":
            await exchange.change_settings(memory_paused=action == "pause")
        case "forget":
            await _forget_tagged(exchange, tagged)
        case "clear":
            exchange.change(*_confirm(exchange))
            return
        case "cleared":
            await store.clear(exchange.connection, exchange.chat.id)
            exchange.change(exchange.text("memory.cleared"))
            return
        case _:
            exchange.answer(exchange.text("button.unknown"))
            return
    exchange.change(*await _view(exchange))


async def _view(exchange: Exchange) -> tuple[str, Keyboard]:
    learned = await store.learned(exchange.connection, exchange.chat.id)
    paused = exchange.reader.memory_paused
    lines = [exchange.text("memory.heading" if learned else "memory.empty")]
    if learned:
        lines.append("")
    for (liked, reason), phrases in _by_reason(learned[:MOST_SHOWN]).items():
        key = "memory.liked" if liked else "memory.disliked"
        title = Html(safe(reason, MOST_TITLE))
        lines.append(exchange.text(key, phrases=", ".join(phrases), title=title))
    if len(learned) > MOST_SHOWN:
        lines.append(exchange.text("memory.more", count=len(learned) - MOST_SHOWN))
    lines += ["", exchange.text("memory.is_paused" if paused else "memory.how")]
    forgetting = [
        (f"✖ {interest.phrase[:MOST_ON_A_BUTTON]}", f"memory:forget:{tag(interest.phrase)}")
        for interest in learned[:MOST_SHOWN]
    ]
    turn = "resume" if paused else "pause"
    last = [(exchange.text(f"memory.button_{turn}"), f"memory:{turn}")]
    if learned:
        last.append((exchange.text("memory.button_clear"), "memory:clear"))
    return "\n".join(lines), [*in_rows(forgetting, 3), last]


def _by_reason(learned: Sequence[Interest]) -> dict[tuple[bool, str], list[str]]:
    """The phrases by whether they are liked and the title that taught them, the strongest first."""
    groups: defaultdict[tuple[bool, str], list[str]] = defaultdict(list)
    for interest in learned:
        groups[interest.weight > 0, interest.reason or ""].append(interest.phrase)
    return groups


def _confirm(exchange: Exchange) -> tuple[str, Keyboard]:
    buttons = [
        (exchange.text("memory.button_clear"), "memory:cleared"),
        (exchange.text("button.no"), "memory:view"),
    ]
    return exchange.text("memory.confirm"), [buttons]


async def _forget(exchange: Exchange, phrase: str) -> None:
    for known in dict.fromkeys((fold_phrase(phrase), phrase.casefold())):
        if await store.forget(exchange.connection, exchange.chat.id, known):
            exchange.say(exchange.text("memory.forgotten", phrase=known))
            return
    exchange.say(exchange.text("memory.not_known", phrase=phrase[:60]))


async def _forget_tagged(exchange: Exchange, tagged: str) -> None:
    for interest in await store.learned(exchange.connection, exchange.chat.id):
        if tag(interest.phrase) == tagged:
            await store.forget(exchange.connection, exchange.chat.id, interest.phrase)
            exchange.answer(exchange.text("memory.forgotten", phrase=interest.phrase))
