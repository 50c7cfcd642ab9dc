"""/memory: what was learned about a reader's taste, why, and how to delete it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from app.digests.parts import MAX_TITLE
from app.readers import memory as store
from app.readers.tastes import Interest
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard, in_fitting_rows, tag
from app.text.phrases import fold_phrase
from app.text.telegram_html import escaped_line
from app.wording import Html

MAX_SHOWN = 12
MAX_ON_A_BUTTON = 24
MAX_CORRECTIONS = 5


async def memory(context: HandlerContext) -> None:
    """`/memory view|pause|resume|forget <phrase>|clear`; alone it is `view`."""
    action, _, phrase = context.argument.partition(" ")
    match action.lower(), phrase.strip():
        case ("" | "view" | "show", ""):
            context.say(*await _view(context))
        case ("pause" | "resume") as wanted, "":
            await context.change_settings(memory_paused=wanted == "pause")
            context.say(context.text(f"memory.{wanted}d"))
        case "forget", phrase if phrase:
            await _forget(context, phrase)
        case "clear", "":
            context.say(*_confirm(context))
        case _:
            context.say(context.text("memory.usage"))


async def on_button(context: HandlerContext, data: str) -> None:
    """`view`, `pause`, `resume`, `forget:<tag>`, `clear` or `cleared`."""
    action, _, tagged = data.partition(":")
    match action:
        case "view":
            pass
        case "pause" | "resume":
            await context.change_settings(memory_paused=action == "pause")
        case "forget":
            await _forget_tagged(context, tagged)
        case "clear":
            context.change(*_confirm(context))
            return
        case "cleared":
            await store.clear(context.connection, context.chat.id)
            context.change(context.text("memory.cleared"))
            return
        case _:
            context.answer(context.text("button.unknown"))
            return
    context.change(*await _view(context))


async def _view(context: HandlerContext) -> tuple[str, Keyboard]:
    learned = await store.learned(context.connection, context.chat.id)
    corrections = await store.corrected(context.connection, context.chat.id)
    paused = context.reader.memory_paused
    lines = [context.text("memory.heading" if learned else "memory.empty")]
    if learned:
        lines.append("")
    for (liked, reason), phrases in _by_reason(learned[:MAX_SHOWN]).items():
        key = "memory.liked" if liked else "memory.disliked"
        title = Html(escaped_line(reason, MAX_TITLE))
        lines.append(context.text(key, phrases=", ".join(phrases), title=title))
    if len(learned) > MAX_SHOWN:
        lines.append(context.text("memory.more", count=len(learned) - MAX_SHOWN))
    for correction in corrections[-MAX_CORRECTIONS:]:
        title = Html(escaped_line(correction.title, MAX_TITLE))
        lines.append(context.text("memory.sense", phrase=correction.interest, title=title))
    lines += ["", context.text("memory.is_paused" if paused else "memory.how")]
    forgetting = [
        (f"✖ {interest.phrase[:MAX_ON_A_BUTTON]}", f"memory:forget:{tag(interest.phrase)}")
        for interest in learned[:MAX_SHOWN]
    ]
    turn = "resume" if paused else "pause"
    last = [(context.text(f"memory.button_{turn}"), f"memory:{turn}")]
    if learned or corrections:
        last.append((context.text("memory.button_clear"), "memory:clear"))
    return "\n".join(lines), [*in_fitting_rows(forgetting), last]


def _by_reason(learned: Sequence[Interest]) -> dict[tuple[bool, str], list[str]]:
    """The phrases by whether they are liked and by the title they were learned from, strongest
    first.
    """
    groups: defaultdict[tuple[bool, str], list[str]] = defaultdict(list)
    for interest in learned:
        groups[interest.weight > 0, interest.reason or ""].append(interest.phrase)
    return groups


def _confirm(context: HandlerContext) -> tuple[str, Keyboard]:
    buttons = [
        (context.text("memory.button_clear"), "memory:cleared"),
        (context.text("button.no"), "memory:view"),
    ]
    return context.text("memory.confirm"), [buttons]


async def _forget(context: HandlerContext, phrase: str) -> None:
    for known in dict.fromkeys((fold_phrase(phrase), phrase.casefold())):
        if await store.forget(context.connection, context.chat.id, known):
            context.say(context.text("memory.forgotten", phrase=known))
            return
    context.say(context.text("memory.not_known", phrase=phrase[:60]))


async def _forget_tagged(context: HandlerContext, tagged: str) -> None:
    for interest in await store.learned(context.connection, context.chat.id):
        if tag(interest.phrase) == tagged:
            await store.forget(context.connection, context.chat.id, interest.phrase)
            context.answer(context.text("memory.forgotten", phrase=interest.phrase))
