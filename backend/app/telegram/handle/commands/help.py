"""/help: an overview, and each command in detail."""

from __future__ import annotations

from contextlib import suppress

from app.telegram.handle.context import HandlerContext
from app.wording import Html


async def help_(context: HandlerContext) -> None:
    """`/help` lists the commands, `/help settings` explains one."""
    await tell(context, context.argument)


async def tell(context: HandlerContext, about: str) -> None:
    """The overview, or the usage of the command `about`."""
    name = about.lower().lstrip("/").partition("@")[0].partition(" ")[0]
    if name:
        context.say(_usage(context, name) or context.text("help.no_such", name=name[:32]))
        return
    listed = context.text("help.text")
    if context.is_operator:
        listed = f"{listed}\n\n{context.text('help.operator')}"
    context.say(listed)


def _usage(context: HandlerContext, name: str) -> str | None:
    for group in ("usage", "operator_usage") if context.is_operator else ("usage",):
        with suppress(KeyError):
            style = context.text("settings.example_style") if context.has_model else ""
            return context.text(f"{group}.{name}", style=Html(style))
    return None
