"""/start: up to four questions – interests, time zone, hour and, with a model, the style – each
with a default answer as a button.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import time
from typing import Any

from app.conversations import store as conversations
from app.digests import store as digests
from app.readers import store as readers
from app.readers.parsing import is_done, is_no, is_yes
from app.readers.places import place_for, zone_for, zone_name
from app.readers.store import Reader
from app.readers.times import describe_next_digest
from app.summaries import prompts
from app.telegram.digest_worker import VISIT
from app.telegram.handle.commands import digest, share, topics
from app.telegram.handle.commands.choices import CHOICES, value_after_name
from app.telegram.handle.commands.settings_pages import clock, described_styles, style_label
from app.telegram.handle.commands.small_talk import is_symbols
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard, in_rows
from app.wording import Html
from app.wording.dates import clock_time

QUESTIONS = ("topics", "zone", "hour", "style")
HOURS = range(5, 23)
HOURS_A_ROW = 6


async def start(context: HandlerContext) -> None:
    """Start the questions, or welcome a returning reader with unchanged settings."""
    if await share.on_link_followed(context):
        if not _has_begun(context.reader) and context.reader.onboarding in (None, VISIT):
            await _invite(context)
    elif context.chat.is_channel:
        await _start_channel(context)
    elif context.is_new or context.reader.onboarding or not _has_begun(context.reader):
        await _begin(context)
    else:
        await _welcome_back(context)


async def on_button(context: HandlerContext, data: str) -> None:
    """A button of a question: `<question>:<answer>`."""
    if context.reader.onboarding is None:
        context.answer(context.text("start.answered"))
        return
    question, _, answer = data.partition(":")
    match question:
        case "digest":
            await digest.digest(context)
        case "begin":
            await _begin(context)
        case "topic":
            await topics.toggle(context, answer)
            context.change(_welcome(context), await _topic_keyboard(context))
        case "topics":
            await _end_topics(context)
        case "zone" if zone_for(answer) == answer:
            await _take_zone(context, answer)
        case "hour" if answer.isdecimal() and int(answer) in HOURS:
            await _take_hour(context, time(int(answer)))
        case "style" if answer in prompts.STYLES:
            await _finish(context, answer)
        case _:
            context.answer(context.text("button.unknown"))


def is_asking(reader: Reader) -> bool:
    """Whether one of the questions is open."""
    return reader.onboarding in QUESTIONS


async def ask_again(context: HandlerContext, first: str) -> None:
    """Repeat the open question after the reply to something else."""
    words, keyboard = await _question(context)
    _say(context, f"{first}\n\n{words}", keyboard)


def _say(context: HandlerContext, words: str, keyboard: Keyboard | None = None) -> None:
    """Ask something; a group, where typed words are not heard, is told how to answer."""
    if not context.is_private:
        words = f"{words}\n\n{context.text('start.reply')}"
    context.say(words, keyboard)


async def _question(context: HandlerContext) -> tuple[str, Keyboard]:
    """The open question, and its buttons."""
    match context.reader.onboarding:
        case "topics":
            return context.text("start.topics"), await _topic_keyboard(context)
        case "zone":
            return _zone_question(context, context.reader.timezone)
        case "hour":
            return _hour_question(context), _hours()
        case _:
            return _style_question(context)


async def on_text(context: HandlerContext, words: str) -> bool:
    """Handle words typed while a question is open. Returns whether they were an answer to it."""
    match context.reader.onboarding:
        case "topics":
            return await _take_topics(context, words)
        case "zone":
            await _take_typed_zone(context, words)
        case "hour":
            try:
                await _take_hour(context, _typed_value(context, "hour", words))
            except ValueError:
                _say(context, context.text("start.hour_unknown", value=words[:60]), _hours())
        case "style":
            try:
                await _finish(context, _typed_value(context, "style", words))
            except ValueError:
                unknown = context.text("start.style_unknown", value=words[:60])
                _say(context, unknown, _style_keyboard(context))
        case _ if context.reader.onboarding == VISIT and is_yes(words, context.reader.language):
            await _accept_invitation(context)
        case _:
            return False
    return True


async def _accept_invitation(context: HandlerContext) -> None:
    """A typed yes to the offer of a digest, or after that of one every day."""
    if await digests.last_digests(context.connection, [context.chat.id]):
        await _begin(context)
    else:
        await digest.digest(context)


def _typed_value(context: HandlerContext, setting: str, words: str) -> Any:
    """The value of a setting, typed with or without its name; the present one for "no idea".

    Raises:
        ValueError: the words are no value.
    """
    language = context.reader.language
    if is_done(words, language):
        return getattr(context.reader, CHOICES[setting].column)
    with suppress(ValueError):
        return CHOICES[setting].parse(words, language)
    return CHOICES[setting].parse(value_after_name(setting, words), language)


async def _take_topics(context: HandlerContext, words: str) -> bool:
    """Handle typed topics, which may be followed by more, or a reply that there are none."""
    language = context.reader.language
    if is_done(words, language) or is_yes(words, language) or is_no(words, language):
        await _end_topics(context)
    elif is_symbols(words):
        _say(context, context.text("start.topics_unknown"), await _topic_keyboard(context))
    elif topics.names_none(words):
        return False
    else:
        done = (context.text("button.done"), "onboard:topics:done")
        await topics.add(context, words, done=done)
    return True


async def _end_topics(context: HandlerContext) -> None:
    """Ask the second question. A reader without interests is told what they get."""
    first = "" if await topics.chosen(context) else context.text("start.popular")
    await _ask_zone(context, context.reader.timezone, first=first)


async def _take_typed_zone(context: HandlerContext, words: str) -> None:
    language = context.reader.language
    if is_yes(words, language) or is_done(words, language):
        await _take_zone(context, context.reader.timezone)
    elif is_no(words, language):
        _say(context, context.text("start.zone_city"))
    elif place := place_for(words, language) or place_for(
        value_after_name("zone", words), language
    ):
        await _ask_zone(context, place.zone, place.name)
    else:
        _say(context, context.text("start.zone_unknown", place=words[:60]))


async def _invite(context: HandlerContext) -> None:
    """Offer a digest to a reader who came for one story; the questions follow after that."""
    await _await(context, VISIT)
    context.say(
        context.text("start.visit"),
        [[(context.text("start.button_digest"), "onboard:digest")]],
    )


async def _begin(context: HandlerContext) -> None:
    """Ask the first question."""
    await _await(context, "topics")
    # From here on, typed words answer these questions.
    await conversations.end(context.connection, context.chat.id, context.user_id)
    context.say(_welcome(context), await _topic_keyboard(context))


async def _start_channel(context: HandlerContext) -> None:
    """Start without questions, which all subscribers would see; admins change settings by
    commands.
    """
    reader = await readers.update(
        context.connection, context.reader, context.now, paused_at=None, onboarding=None
    )
    at, zone = clock_time(reader.digest_time), zone_name(reader.timezone)
    context.say(context.text("start.channel", time=at, zone=zone))


async def _welcome_back(context: HandlerContext) -> None:
    reader = await readers.update(
        context.connection,
        context.reader,
        context.now,
        paused_at=None,
        awaiting=None,
        thread_id=context.thread_id,
    )
    described = describe_next_digest(reader, context.now)
    context.say(context.text("start.welcome_back", coming=Html(described)))


def _has_begun(reader: Reader) -> bool:
    """Whether digests are scheduled or paused; other readers came by another command than
    /start.
    """
    return bool(reader.next_digest_at or reader.next_weekly_at or reader.paused_at)


def _welcome(context: HandlerContext) -> str:
    if not context.is_private:
        return context.text("start.welcome_group")
    return f"{context.text('start.welcome')}\n\n{context.text('start.topics')}"


async def _await(context: HandlerContext, question: str) -> None:
    await readers.update(
        context.connection,
        context.reader,
        context.now,
        onboarding=question,
        thread_id=context.thread_id,
    )


async def _topic_keyboard(context: HandlerContext) -> Keyboard:
    rows = topics.keyboard(await topics.chosen(context), context.reader.language, "onboard:topic")
    return [*rows, [(context.text("button.done"), "onboard:topics:done")]]


async def _ask_zone(
    context: HandlerContext, zone: str, place: str = "", *, first: str = ""
) -> None:
    """Ask whether this is the reader's current time; a place recognised in typed words is named."""
    await _await(context, "zone")
    if zone != context.reader.timezone:
        await context.change_settings(timezone=zone)  # so that a typed "yes" confirms this one
    words, keyboard = _zone_question(context, zone, place)
    _say(context, f"{first}\n\n{words}" if first else words, keyboard)


def _zone_question(context: HandlerContext, zone: str, place: str = "") -> tuple[str, Keyboard]:
    key = "start.zone" if context.is_private else "start.zone_group"
    if place:
        key = "start.zone_there"
    words = context.text(key, place=place, time=clock(context, zone), zone=zone_name(zone))
    return words, [[(context.text("button.yes"), f"onboard:zone:{zone}")]]


async def _take_zone(context: HandlerContext, zone: str) -> None:
    await readers.update(
        context.connection, context.reader, context.now, timezone=zone, onboarding="hour"
    )
    _say(context, _hour_question(context), _hours())


def _hour_question(context: HandlerContext) -> str:
    return context.text("start.hour" if context.is_private else "start.hour_group")


def _hours() -> Keyboard:
    buttons = [(f"{hour}:00", f"onboard:hour:{hour}") for hour in HOURS]
    return [buttons[n : n + HOURS_A_ROW] for n in range(0, len(buttons), HOURS_A_ROW)]


async def _take_hour(context: HandlerContext, at: time) -> None:
    if not context.has_model:
        await context.change_settings(digest_time=at)
        await _finish(context, context.reader.style)
        return
    await context.change_settings(digest_time=at, onboarding="style")
    _say(context, *_style_question(context))


def _style_question(context: HandlerContext) -> tuple[str, Keyboard]:
    styles = described_styles(context, prompts.STYLES)
    return context.text("start.style", styles=styles), _style_keyboard(context)


def _style_keyboard(context: HandlerContext) -> Keyboard:
    language = context.reader.language
    buttons = [(style_label(style, language), f"onboard:style:{style}") for style in prompts.STYLES]
    return in_rows(buttons, 2)


async def _finish(context: HandlerContext, style: str) -> None:
    """Schedule the digests; a reader without one yet gets the first at once."""
    has_had = await digests.last_digests(context.connection, [context.chat.id])
    first = {} if has_had else {"digest_wanted_at": context.now}
    reader = await readers.update(
        context.connection,
        context.reader,
        context.now,
        style=style,
        onboarding=None,
        paused_at=None,
        **first,
    )
    done = context.text(
        "start.done" if context.has_model else "start.done_without_style",
        time=clock_time(reader.digest_time),
        zone=zone_name(reader.timezone),
        style=context.text(f"style.{style}"),
    )
    following = (
        describe_next_digest(reader, context.now) if has_had else context.text("start.first")
    )
    change = context.text("start.change")
    context.say(f"{done}\n\n{following} {change}")
