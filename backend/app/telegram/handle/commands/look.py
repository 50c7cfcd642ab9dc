"""The look of digests: classic, or rich where a tap has proved that the client shows it."""

from __future__ import annotations

from app.digests.rich import CLASSIC, LOOKS, RICH
from app.digests.rich_offer import BACK, compose_offer
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import SEND_RICH, Keyboard
from app.wording.shown import text_repeated

TRY = "look:try"


async def choose(context: HandlerContext, words: str) -> None:
    """`/settings look classic` and `/settings look rich`."""
    if not context.is_private:
        context.say(context.text("look.private_only"))
        return
    keys = tuple(f"look.{look}" for look in LOOKS)
    shown = text_repeated(words, keys, context.reader.language) or f"look.{words.casefold()}"
    if shown not in keys:
        context.say(context.text("look.unknown", value=words[:40]), keyboard(context))
    elif shown == f"look.{CLASSIC}":
        await _go_back(context)
    else:
        _offer(context)


async def pressed(context: HandlerContext, data: str) -> None:
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
        case "no":
            context.answer(context.text("look.later"))
        case _:
            context.answer(context.text("button.unknown"))


def page(context: HandlerContext) -> tuple[str, Keyboard]:
    """The page of the setting."""
    look = context.text(f"look.{context.reader.look}")
    return context.text("look.page", look=look), keyboard(context)


def keyboard(context: HandlerContext) -> Keyboard:
    return [[(context.text("look.try"), TRY), (context.text("look.back"), BACK)]]


async def _go_back(context: HandlerContext) -> None:
    await context.change_settings(look=CLASSIC)
    context.say(context.text("look.off"))


def _offer(context: HandlerContext) -> None:
    rich = {"rich_message": compose_offer(context.reader.language)}
    context.call(SEND_RICH, rich, fallback=context.text("look.not_here"))
