"""Typed words without a command."""

from __future__ import annotations

from app.telegram.handle.commands import ask, settings, start, topics
from app.telegram.handle.commands import help as help_
from app.telegram.handle.commands.small_talk import asks_nothing, command_meant
from app.telegram.handle.context import HandlerContext


async def on_text(context: HandlerContext) -> None:
    """Handle words that are not a command: an answer to an open question, or words that get a
    hint.
    """
    words = context.argument
    asks = bool(words) and not asks_nothing(words)
    if asks and not context.is_new and await ask.on_reply(context, words):
        return
    if not context.is_private:
        return
    if context.is_new:
        await start.start(context)
    elif not (words and await _answers(context, words, asks=asks)):
        # Each picture of an album is a separate update.
        album = context.message.media_group_id if context.message else None
        context.say(context.text("help.hint"), once=f"hint:{album}" if album else None)


async def _answers(context: HandlerContext, words: str, *, asks: bool) -> bool:
    """Whether the words answer an open question, name a command, or continue a conversation."""
    if context.reader.awaiting is not None:
        meant = command_meant(words)
        if meant == "cancel":
            await context.change_settings(awaiting=None)
            await settings.cancel(context)
            return True
        if meant == "help":
            await help_.tell(context, "")
            return True
    return (
        await settings.on_text(context, words)
        or await topics.on_text(context, words)
        or await settings.named(context, words)
        or (asks and await ask.on_text(context, words))
        or await _meant_a_command(context, words)
        or await start.on_text(context, words)
    )


async def _meant_a_command(context: HandlerContext, words: str) -> bool:
    """Whether the words name a command. "help" is carried out at once; any other command is only
    suggested, because a single word must not change anything. While /start asks its questions, only
    help and an end of messages can be meant.
    """
    command = command_meant(words)
    asked = context.reader.onboarding is not None
    if command is None or (asked and command not in ("help", "pause")):
        return False
    if command == "help":
        await help_.tell(context, "")
    else:
        context.say(context.text("command.meant", meant=command))
    return True
