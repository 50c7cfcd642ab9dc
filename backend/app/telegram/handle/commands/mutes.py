"""/mute and /unmute: words and sites that a reader does not want to see."""

from __future__ import annotations

import re
from itertools import islice

from app.readers import tastes
from app.readers.interests.topics import divided
from app.readers.mutes import SITE, WORD, parse_mute
from app.readers.tastes import Taste
from app.telegram.handle.commands import settings_pages as pages
from app.telegram.handle.commands.small_talk import command_meant
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import tag

MAX_MUTES = 200
# The prefix of labels on the buttons that unmute.
SHOWN = "✖"
_SEPARATORS = re.compile(r"[,;\n]+")


async def mute_command(context: HandlerContext) -> None:
    """`/mute crypto, example.com`; alone it shows the mutes."""
    await mute(context, context.argument)


async def unmute_command(context: HandlerContext) -> None:
    """`/unmute crypto`; alone it shows the mutes."""
    await unmute(context, context.argument)


async def mute(context: HandlerContext, words: str) -> None:
    """Mute the typed words and sites, and show the mutes."""
    if not words.strip():
        await context.change_settings(awaiting="muted" if context.is_private else None)
        await _show(context)
        return
    parts = [part.removeprefix(SHOWN).strip() for part in _parts(words) if part.startswith(SHOWN)]
    found = {part: parse_mute(part) for part in _parts(words) if not part.startswith(SHOWN)}
    wrong = ", ".join(part[:60] for part, mute in found.items() if mute is None)[:200]
    wanted = list(filter(None, found.values()))
    known = await load_taste(context)
    if parts and not found:
        await unmute(context, ", ".join(parts))
    elif not wanted:
        context.say(context.text("mute.wrong", value=wrong or words[:60]))
    elif len(known.muted_words) + len(known.muted_sites) + len(wanted) > MAX_MUTES:
        context.say(context.text("mute.too_many", most=MAX_MUTES))
    else:
        await tastes.mute(context.connection, context.chat.id, wanted)
        first = [context.text("mute.wrong", value=wrong)] if wrong else []
        if any(kind == WORD and command_meant(value) == "pause" for kind, value in wanted):
            # The word is muted as typed, but somebody may have meant all messages.
            first.append(context.text("mute.or_pause"))
        await _show(context, "\n\n".join(first))


async def unmute(context: HandlerContext, words: str) -> None:
    """Unmute the typed words and sites, in any spelling."""
    if not words.strip():
        await context.change_settings(awaiting="muted" if context.is_private else None)
        await _show(context)
        return
    taste = await load_taste(context)
    muted = {value.casefold(): value for value in (*taste.muted_words, *taste.muted_sites)}
    values, unknown = [], []
    for part in _parts(words):
        parsed = parse_mute(part)
        value = muted.get((parsed[1] if parsed else part).casefold())
        if value is None:
            unknown.append(" ".join(part.split())[:60])
        else:
            values.append(value)
    await tastes.unmute(context.connection, context.chat.id, values)
    if unknown:
        context.say(context.text("mute.not_muted", values=", ".join(unknown[:10])))
    else:
        await _show(context)


async def remove_tagged(context: HandlerContext, tagged: str) -> bool:
    """Unmute the phrase of a button. Returns whether it was muted."""
    taste = await load_taste(context)
    for value in (*taste.muted_words, *taste.muted_sites):
        if tag(value) == tagged:
            return await tastes.unmute(context.connection, context.chat.id, [value])
    return False


async def _show(context: HandlerContext, first: str = "") -> None:
    taste = await load_taste(context)
    words, keyboard = pages.muted_page(context, taste)
    if context.chat.is_channel:
        keyboard = []
        if values := [*taste.muted_words, *taste.muted_sites]:
            words = context.text("mute.posted", values=", ".join(values[: pages.MAX_MUTES_SHOWN]))
    context.say("\n\n".join(filter(None, (first, words))), keyboard)


def _parts(words: str) -> list[str]:
    """The distinct entries of a typed list, up to the limit of mutes."""
    parts = (part.strip() for one in _SEPARATORS.split(words) for part in _divided(one))
    return list(islice(dict.fromkeys(filter(None, parts)), MAX_MUTES + 1))


def _divided(part: str) -> list[str]:
    """The parts that a word for "and" joins, if one of them is a site or a topic."""
    return divided(part, is_named=lambda one: (parse_mute(one) or ("",))[0] == SITE)


async def load_taste(context: HandlerContext) -> Taste:
    """The interests, mutes and alert words of the chat."""
    return (await tastes.load_tastes(context.connection, [context.chat.id]))[context.chat.id]
