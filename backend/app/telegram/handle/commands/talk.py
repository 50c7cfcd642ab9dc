"""Typed words without a command."""

from __future__ import annotations

from app.readers.parsing import is_done, is_yes
from app.telegram.handle.commands import ask, settings, start, topics, typed_commands
from app.telegram.handle.commands import help as help_
from app.telegram.handle.commands.small_talk import (
    asks_nothing,
    command_meant,
    is_symbols,
    is_thanks,
)
from app.telegram.handle.context import HandlerContext
from app.telegram.handle.members import Role
from app.telegram.handle.mentions import without_mention


async def on_text(context: HandlerContext) -> None:
    """Handle words that are not a command: an answer to an open question, or words that get a
    hint.
    """
    words = context.argument
    if not context.is_private:
        await _in_group(context, without_mention(words, context.username))
        return
    asks = bool(words) and not asks_nothing(words)
    if asks and not context.is_new and await ask.on_reply(context, words):
        return
    if context.is_new:
        await start.start(context)
    elif not (words and await _answers(context, words, asks=asks)):
        # Each picture of an album is a separate update.
        album = context.message.media_group_id if context.message else None
        context.say(context.text("help.hint"), once=f"hint:{album}" if album else None)


async def _in_group(context: HandlerContext, words: str) -> None:
    """Handle a reply to the bot, or words with its name: a question about a story, or an admin's
    answer to a question of /start.
    """
    if not words or context.is_new:
        return
    if not asks_nothing(words) and await ask.on_reply(context, words):
        return
    if not start.is_asking(context.reader):
        return
    if context.role is Role.ADMIN:
        await _while_starting(context, words, asks=False)
    elif context.role is Role.UNKNOWN:
        context.say_privately(context.text("group.not_checked"))


async def _answers(context: HandlerContext, words: str, *, asks: bool) -> bool:
    """Whether the words answer an open question, name a command, or continue a conversation."""
    if context.reader.awaiting is not None and await _leaves_the_question(context, words):
        return True
    if await settings.on_text(context, words) or await _while_topics_are_typed(context, words):
        return True
    if start.is_asking(context.reader):
        return await _while_starting(context, words, asks=asks)
    return (
        await typed_commands.on_text(context, words)
        or await settings.named(context, words)
        or _thanked(context, words)
        or (asks and await ask.on_text(context, words))
        or await _meant_a_command(context, words)
        or await start.on_text(context, words)
    )


async def _leaves_the_question(context: HandlerContext, words: str) -> bool:
    """Whether the words ask for something else than the open question does."""
    meant = command_meant(words)
    if meant == "cancel":
        await context.change_settings(awaiting=None)
        await settings.cancel(context)
    elif meant == "help":
        await help_.tell(context, "")
    elif meant == "pause":
        await context.change_settings(awaiting=None)
        context.say(context.text("command.stop"))
    else:
        return False
    return True


async def _while_starting(context: HandlerContext, words: str, *, asks: bool) -> bool:
    """Handle words while /start asks its questions: a setting with its name is changed, and the
    question stays open.
    """
    changed = await settings.change_named(context, words, besides=context.reader.onboarding or "")
    if changed is not None:
        await start.ask_again(context, changed)
        return True
    if await typed_commands.on_text(context, words, only=typed_commands.AT_ANY_TIME):
        return True
    agrees = is_yes(words, context.reader.language) or is_done(words, context.reader.language)
    return (
        await _meant_a_command(context, words)
        or (not agrees and _thanked(context, words))
        or (asks and await ask.on_text(context, words))
        or await start.on_text(context, words)
    )


async def _while_topics_are_typed(context: HandlerContext, words: str) -> bool:
    """Handle words after /topics: topics, unless they name a setting and its value."""
    if context.reader.awaiting != topics.AWAITED:
        return False
    changed = await settings.change_named(context, words, besides="")
    if changed is not None:
        context.say(changed)
        return True
    return await typed_commands.on_text(
        context, words, only=typed_commands.AT_ANY_TIME
    ) or await topics.on_text(context, words)


def _thanked(context: HandlerContext, words: str) -> bool:
    """Whether the words are thanks, which get a short reply. A symbol answers no question."""
    symbol = is_symbols(words)
    if not is_thanks(words) or (symbol and start.is_asking(context.reader)):
        return False
    context.say(context.text("help.thanks"))
    return True


async def _meant_a_command(context: HandlerContext, words: str) -> bool:
    """Whether the words name a command. "help" is carried out at once; any other command is only
    suggested, because a single word must not change anything. While /start asks its questions, only
    help and an end of messages can be meant.
    """
    command = command_meant(words)
    asked = start.is_asking(context.reader)
    if command is None or (asked and command not in ("help", "pause")):
        return False
    if command == "help":
        await help_.tell(context, "")
    elif command == "pause":
        context.say(context.text("command.stop"))
    else:
        context.say(context.text("command.meant", meant=command))
    return True
