"""Following a story: /follow, the button 🔔 on its card, and /following, the list."""

from __future__ import annotations

from app.digests import history
from app.readers import follows
from app.readers.follows import FOLLOWED_FOR, MAX_FOLLOWED, Following
from app.telegram.handle.commands import story, story_list
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard, in_rows, parse_number

BUTTONS_IN_A_ROW = 5
# Fits in a message with titles of any length.
MAX_LISTED = 15
LISTED = "list"


async def following(context: HandlerContext) -> None:
    """`/following`: the followed stories, to open or unfollow."""
    context.say(*await _list(context))


async def follow_command(context: HandlerContext) -> None:
    """`/follow` in reply to a story, or `/follow 3` for a story of a digest."""
    await follow_typed(context, context.argument)


async def follow_typed(context: HandlerContext, words: str) -> None:
    """Follow the story that the words name; a followed one stays so."""
    candidate = await story.named_story(context, words, "follow")
    if candidate is None:
        return
    begun = await follows.follow(
        context.connection, context.chat.id, candidate.id, candidate.comment_count
    )
    if begun is Following.TOO_MANY:
        context.say_privately(context.text("follow.too_many", most=MAX_FOLLOWED))
    else:
        story.noted(context, candidate, context.text("follow.begun", days=FOLLOWED_FOR.days))


async def on_button(context: HandlerContext, data: str) -> None:
    """`<story id>:card`: follow a story, or unfollow it."""
    candidate, on_card = await story.story_id_of_button(context, data) or (None, False)
    if candidate is None:
        return
    chat_id = context.chat.id
    if await follows.unfollow(context.connection, chat_id, candidate.id):
        context.answer(context.text("follow.ended"))
    else:
        begun = await follows.follow(
            context.connection, chat_id, candidate.id, candidate.comment_count
        )
        if begun is Following.TOO_MANY:
            context.answer(context.text("follow.too_many", most=MAX_FOLLOWED), alert=True)
            return
        context.answer(context.text("follow.begun", days=FOLLOWED_FOR.days))
    if on_card:
        await story.show_state(context, candidate)


async def unfollow(context: HandlerContext, data: str) -> None:
    """`<story id>` below news, or `<story id>:list` in the list, which is then updated."""
    number, _, place = data.partition(":")
    if story_id := parse_number(number):
        await follows.unfollow(context.connection, context.chat.id, story_id)
    context.answer(context.text("follow.ended"))
    if place == LISTED:
        context.change(*await _list(context))


async def _list(context: HandlerContext) -> tuple[str, Keyboard]:
    followed = await history.followed_stories(context.connection, context.chat.id)
    if not followed:
        return context.text("follow.none"), []
    shown = followed[:MAX_LISTED]
    heading = context.text("follow.heading", count=len(followed))
    blocks = [heading, story_list.lines(context, shown, 1)]
    if more := len(followed) - len(shown):
        blocks.append(context.text("settings.and_more", count=more))
    blocks.append(context.text("follow.hint"))
    ending = [(f"✖ {n}", f"unfollow:{one.id}:{LISTED}") for n, one in enumerate(shown, 1)]
    rows = [
        *in_rows(story_list.numbers(shown, 1), BUTTONS_IN_A_ROW),
        *in_rows(ending, BUTTONS_IN_A_ROW),
    ]
    return "\n\n".join(blocks), rows
