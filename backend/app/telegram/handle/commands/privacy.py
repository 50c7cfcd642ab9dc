"""/export_my_data and /delete_me: export and deletion of a reader's data."""

from __future__ import annotations

from app.readers.privacy import delete_everything
from app.telegram.handle.commands.files import ask_for_data
from app.telegram.handle.context import HandlerContext


async def export_my_data(context: HandlerContext) -> None:
    """Send everything stored about this chat as a JSON document."""
    await ask_for_data(context)


async def delete_me(context: HandlerContext) -> None:
    """Ask for confirmation."""
    buttons = [
        (context.text("privacy.button_delete"), "delete:yes"),
        (context.text("privacy.button_keep"), "delete:no"),
    ]
    key = "privacy.confirm" if context.is_private else "privacy.confirm_group"
    context.say(context.text(key), [buttons])


async def on_button(context: HandlerContext, data: str) -> None:
    """`yes` or `no`."""
    if data == "yes":
        await delete_everything(context.connection, context.chat.id)
        context.change(context.text("privacy.deleted"))
    elif data == "no":
        context.change(context.text("privacy.kept"))
    else:
        context.answer(context.text("button.unknown"))
