"""A story's card, save, 👍 👎, and why it was chosen, by buttons, /save or /why."""

from __future__ import annotations

from html import escape

from app.digests import history
from app.digests import store as digests
from app.digests.candidates import Candidate, load_story
from app.digests.card import CardState, compose_card, compose_why
from app.digests.compose import Composed
from app.digests.parts import MAX_TITLE
from app.digests.related import related_stories
from app.digests.select import SelectedStory
from app.readers import follows, opinions
from app.telegram.handle.commands.numbered import story_meant
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import parse_number
from app.text.telegram_html import single_line

# Follows the story in the callback data of a card's buttons. The buttons of digests from earlier
# releases lack it.
ON_CARD = "card"


async def card(context: HandlerContext, data: str) -> None:
    """Open a story's card."""
    candidate = await _story(context, data)
    if candidate is None:
        return
    composed = await composed_card(context, candidate)
    context.say(composed.html, composed.buttons, story_id=candidate.id)
    await history.mark_opened(context.connection, context.chat.id, candidate.id)


async def save(context: HandlerContext, data: str) -> None:
    """Save a story, or remove it from the saved ones."""
    pressed = await story_id_of_button(context, data)
    if pressed is None:
        return
    candidate, on_card = pressed
    saved = await opinions.toggle_saved(context.connection, context.reader, candidate.id)
    context.answer(context.text("card.noted_saved" if saved else "card.noted_unsaved"))
    if on_card:
        await show_state(context, candidate)


async def like(context: HandlerContext, data: str) -> None:
    await _opinion(context, data, 1, "card.noted_like")


async def dislike(context: HandlerContext, data: str) -> None:
    await _opinion(context, data, -1, "card.noted_dislike")


async def why(context: HandlerContext, data: str) -> None:
    """Explain the terms of the story's score."""
    candidate = await _story(context, data)
    if candidate is not None:
        await _explain(context, candidate)


async def why_command(context: HandlerContext) -> None:
    """`/why` in reply to a story, or `/why 3` for a story of the replied-to or the last digest."""
    await why_typed(context, context.argument)


async def why_typed(context: HandlerContext, words: str) -> None:
    """Explain the story that the words name."""
    candidate = await named_story(context, words, "why")
    if candidate is not None:
        await _explain(context, candidate)


async def save_command(context: HandlerContext) -> None:
    """`/save` in reply to a story, or `/save 3` for a story of a digest."""
    await save_typed(context, context.argument)


async def save_typed(context: HandlerContext, words: str) -> None:
    """Save the story that the words name; a saved one stays saved."""
    candidate = await named_story(context, words, "save")
    if candidate is not None:
        await opinions.save(context.connection, context.reader, candidate.id)
        noted(context, candidate, context.text("card.noted_saved"))


async def named_story(context: HandlerContext, words: str, command: str) -> Candidate | None:
    """The story that a command is about; None if there is none, which is then said."""
    story_id = await story_meant(context, words, command)
    return None if story_id is None else await _story(context, str(story_id))


def noted(context: HandlerContext, candidate: Candidate, words: str) -> None:
    """Say what was noted about a story, which is named."""
    title = single_line(candidate.title, MAX_TITLE)
    context.say_privately(f"<b>{escape(title)}</b>\n{words}")


async def _explain(context: HandlerContext, candidate: Candidate) -> None:
    terms = await digests.reasons(context.connection, context.chat.id, candidate.id)
    if terms is None:
        context.say(context.text("why.unknown"))
    else:
        html = compose_why(SelectedStory(candidate, terms), context.reader.language)
        context.say(html, story_id=candidate.id)


async def composed_card(context: HandlerContext, candidate: Candidate) -> Composed:
    """A story's card in its current state for this chat."""
    terms = await digests.reasons(context.connection, context.chat.id, candidate.id)
    state = CardState(
        reception=await opinions.story_opinions(context.connection, context.chat.id, candidate.id),
        is_private=context.is_private,
        related=await related_stories(context.connection, context.chat.id, candidate),
        is_followed=await follows.is_followed(context.connection, context.chat.id, candidate.id),
    )
    return compose_card(SelectedStory(candidate, terms or {}), context.reader, state, context.now)


async def show_state(context: HandlerContext, candidate: Candidate) -> None:
    """Update the tapped card."""
    composed = await composed_card(context, candidate)
    context.change(composed.html, composed.buttons)


async def _opinion(context: HandlerContext, data: str, opinion: int, noted: str) -> None:
    """Record an opinion. On a card, which shows it, the same opinion again removes it."""
    pressed = await story_id_of_button(context, data)
    if pressed is None:
        return
    candidate, on_card = pressed
    given = context.connection, context.reader, candidate.id, context.user_id, opinion
    if not on_card:
        await opinions.give_opinion(*given)
        context.answer(context.text(noted))
        return
    is_given = await opinions.toggle_opinion(*given)
    context.answer(context.text(noted if is_given else "card.noted_no_opinion"))
    await show_state(context, candidate)


async def story_id_of_button(context: HandlerContext, data: str) -> tuple[Candidate, bool] | None:
    """The story of a button `<story id>` or `<story id>:card`, and whether it is on a card."""
    story_id, _, place = data.partition(":")
    candidate = await _story(context, story_id)
    return None if candidate is None else (candidate, place == ON_CARD)


async def _story(context: HandlerContext, data: str) -> Candidate | None:
    candidate = await load_story(context.connection, parse_number(data) or 0)
    if candidate is None and context.update.callback_query is not None:
        context.answer(context.text("card.gone"))
    elif candidate is None:
        context.say(context.text("card.gone"))
    return candidate
