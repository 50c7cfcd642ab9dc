"""The story that a command is about: that of the replied-to message, or one by its number."""

from __future__ import annotations

import re

from app.digests import store as digests
from app.telegram.handle.context import HandlerContext
from app.telegram.send import outbox

_NUMBER = re.compile(r"#?(\d{1,3})(?:st|nd|rd|th|[ºª])?[.,)!?]*", re.ASCII)


def number_in(words: str) -> int | None:
    """The number that the words are, such as `3` or `#3.`; None if they are something else."""
    found = _NUMBER.fullmatch(words.strip())
    return int(found[1]) if found else None


async def story_meant(context: HandlerContext, words: str, command: str) -> int | None:
    """The story that a command is about; None if there is none, which is then said.

    Args:
        words: what was typed after the command.
    """
    number = number_in(words)
    message, digest_id = context.message, None
    if message is not None and message.reply_to_message is not None:
        where = context.connection, context.chat.id, message.reply_to_message.message_id
        if story_id := await outbox.story_of_message(*where):
            return story_id
        digest_id = await outbox.digest_of_message(*where)
    if number is None:
        context.say(context.text("numbered.which", command=command))
        return None
    return await story_by_number(context, number, digest_id)


async def story_by_number(
    context: HandlerContext, number: int, digest_id: int | None = None
) -> int | None:
    """The story with this number in a digest, or in the last one; None if there is none, which is
    then said.
    """
    listed = await digests.stories_of_digest(context.connection, context.chat.id, digest_id)
    if 1 <= number <= len(listed):
        return listed[number - 1][0]
    if listed:
        say_no_such(context, number, len(listed))
    else:
        context.say_privately(context.text("numbered.no_digest"))
    return None


def say_no_such(context: HandlerContext, number: int, count: int) -> None:
    """Say that a digest has no story with this number, and how many it has."""
    context.say_privately(context.text("numbered.no_such", number=number, count=count))
