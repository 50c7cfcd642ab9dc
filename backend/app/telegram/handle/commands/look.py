"""The look of digests: classic, or rich where a tap has proved that the client shows it."""

from __future__ import annotations

from app.digests.rich import CLASSIC, LOOKS, RICH
from app.digests.rich_offer import BACK, compose_offer
from app.readers.store import Reader
from app.telegram.handle.commands.page_heading import headed
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import SEND_RICH, Keyboard, text_message
from app.wording import text
from app.wording.shown import match_text

TRY = "look:try"
PICTURES, NO_PICTURES = "look:pictures", "look:no_pictures"
WITH_PICTURES = "rich_pictures"


async def choose(context: HandlerContext, words: str) -> None:
    """`/settings look classic`, `/settings look rich` and `/settings look rich, with pictures`."""
    if not context.is_private:
        context.say(context.text("look.private_only"))
        return
    shown = _named(words, context.reader.language)
    if shown is None:
        context.say(context.text("look.unknown", value=words[:40]), keyboard(context))
    elif shown == f"look.{CLASSIC}":
        await _go_back(context)
    else:
        await context.change_settings(pictures=shown == f"look.{WITH_PICTURES}")
        if context.reader.look == RICH:
            context.say(_pictures(context))
        else:
            _offer(context)


def is_look(words: str, language: str) -> bool:
    """Whether the words name a look."""
    return _named(words, language) is not None


def _named(words: str, language: str) -> str | None:
    """The key of the look's name that the words are, in any language; None if they are none."""
    keys = tuple(f"look.{look}" for look in (*LOOKS, WITH_PICTURES))
    own = f"look.{words.casefold()}"
    return match_text(words, keys, language) or (own if own in keys else None)


async def on_button(context: HandlerContext, data: str) -> None:
    """`try` sends a rich message, which has the button `rich`; `classic` goes back."""
    if not context.is_private:
        context.answer(context.text("look.private_only"), alert=True)
        return
    match data:
        case "try":
            _offer(context)
        case "rich":
            await context.change_settings(look=RICH)
            back = (context.text("look.back"), BACK)
            context.say(context.text("look.on"), [[back]])
        case "classic":
            await _go_back(context)
        case ("pictures" | "no_pictures") as wanted if context.reader.look == RICH:
            await context.change_settings(pictures=wanted == "pictures")
            context.answer(_pictures(context))
            context.change(*page(context))
        case "no":
            context.answer(context.text("look.later"))
        case _:
            context.answer(context.text("button.unknown"))


def page(context: HandlerContext) -> tuple[str, Keyboard]:
    """The page of the setting."""
    words = headed(context, "look", context.text("look.page", look=look_name(context.reader)))
    if context.reader.look == RICH:
        words = f"{words}\n\n{context.text('look.pictures')}"
    return words, keyboard(context)


def look_name(reader: Reader) -> str:
    """The name of a reader's look, such as "rich, with pictures"."""
    shown = WITH_PICTURES if reader.look == RICH and reader.pictures else reader.look
    return text(f"look.{shown}", reader.language)


def keyboard(context: HandlerContext) -> Keyboard:
    back = (context.text("look.back"), BACK)
    if context.reader.look != RICH:
        return [[(context.text("look.try"), TRY), back]]
    turn = NO_PICTURES if context.reader.pictures else PICTURES
    return [[(context.text(f"look.button_{turn.partition(':')[2]}"), turn)], [back]]


def _pictures(context: HandlerContext) -> str:
    wanted = "pictures" if context.reader.pictures else "no_pictures"
    return context.text(f"look.done_{wanted}")


async def _go_back(context: HandlerContext) -> None:
    await context.change_settings(look=CLASSIC)
    context.say(context.text("look.off"))


def _offer(context: HandlerContext) -> None:
    rich = {"rich_message": compose_offer(context.reader.language)}
    context.call(SEND_RICH, rich, fallback=text_message(context.text("look.not_here")))
