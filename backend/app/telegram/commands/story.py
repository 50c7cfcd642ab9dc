"""A story: its card, save, 👍 👎, and why it was chosen, by buttons or /why."""

from __future__ import annotations

from app.digests import history
from app.digests import store as digests
from app.digests.candidates import Candidate, load_story
from app.digests.card import compose_card, compose_why
from app.digests.compose import Composed
from app.digests.select import Choice
from app.readers import opinions
from app.telegram import outbox
from app.telegram.exchange import Exchange
from app.telegram.messages import number_in


async def card(exchange: Exchange, data: str) -> None:
    """Open a story."""
    candidate = await _story(exchange, data)
    if candidate is None:
        return
    saved = await opinions.is_saved(exchange.connection, exchange.chat.id, candidate.id)
    composed = await _compose(exchange, candidate, saved=saved)
    exchange.say(composed.html, composed.buttons, story_id=candidate.id)
    await history.mark_opened(exchange.connection, exchange.chat.id, candidate.id)


async def save(exchange: Exchange, data: str) -> None:
    """Save a story or forget it again; pressed on its card, the card shows it."""
    story_id, _, place = data.partition(":")
    candidate = await _story(exchange, story_id)
    if candidate is None:
        return
    saved = await opinions.toggle_saved(exchange.connection, exchange.reader, candidate.id)
    if place == "card":
        composed = await _compose(exchange, candidate, saved=saved)
        exchange.change(composed.html, composed.buttons)
    exchange.answer(exchange.text("card.noted_saved" if saved else "card.noted_unsaved"))


async def like(exchange: Exchange, data: str) -> None:
    await _opinion(exchange, data, 1, "card.noted_like")


async def dislike(exchange: Exchange, data: str) -> None:
    await _opinion(exchange, data, -1, "card.noted_dislike")


async def why(exchange: Exchange, data: str) -> None:
    """Tell the terms of the story's score."""
    candidate = await _story(exchange, data)
    if candidate is not None:
        await _explain(exchange, candidate)


async def why_command(exchange: Exchange) -> None:
    """`/why` as a reply to a story, `/why 3` for a story of the digest replied to or the last."""
    story_id = await _meant(exchange)
    candidate = await load_story(exchange.connection, story_id) if story_id else None
    if candidate is None:
        exchange.say(exchange.text("why.usage"))
    else:
        await _explain(exchange, candidate)


async def _meant(exchange: Exchange) -> int | None:
    """The story that a command is about: by the message it replies to, or by its number."""
    message, digest_id = exchange.message, None
    if message is not None and message.reply_to_message is not None:
        where = exchange.connection, exchange.chat.id, message.reply_to_message.message_id
        if story_id := await outbox.story_of_message(*where):
            return story_id
        digest_id = await outbox.digest_of_message(*where)
    number = number_in(exchange.argument.lstrip("#"), digits=2)
    if number is None:
        return None
    return await digests.story_at(exchange.connection, exchange.chat.id, number, digest_id)


async def _explain(exchange: Exchange, candidate: Candidate) -> None:
    terms = await digests.reasons(exchange.connection, exchange.chat.id, candidate.id)
    if terms is None:
        exchange.say(exchange.text("why.unknown"))
    else:
        html = compose_why(Choice(candidate, terms), exchange.reader.language)
        exchange.say(html, story_id=candidate.id)


async def _compose(exchange: Exchange, candidate: Candidate, *, saved: bool) -> Composed:
    terms = await digests.reasons(exchange.connection, exchange.chat.id, candidate.id)
    reader = exchange.reader
    return compose_card(Choice(candidate, terms or {}), reader.style, reader.language, saved=saved)


async def _opinion(exchange: Exchange, data: str, opinion: int, noted: str) -> None:
    candidate = await _story(exchange, data)
    if candidate is None:
        return
    await opinions.give_opinion(
        exchange.connection, exchange.reader, candidate.id, exchange.user_id, opinion
    )
    exchange.answer(exchange.text(noted))


async def _story(exchange: Exchange, data: str) -> Candidate | None:
    candidate = await load_story(exchange.connection, number_in(data) or 0)
    if candidate is None:
        exchange.answer(exchange.text("card.gone"))
    return candidate
