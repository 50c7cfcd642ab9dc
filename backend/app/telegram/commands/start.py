"""/start: four questions – interests, zone, hour, style – each with an answer that is one tap
away.
"""

from __future__ import annotations

from datetime import time

import telegram

from app.conversations import store as conversations
from app.readers import store as readers
from app.readers.places import zone_for, zone_name
from app.readers.store import Reader
from app.readers.times import coming
from app.readers.typed import is_yes
from app.telegram.commands import topics
from app.telegram.commands.choices import CHOICES
from app.telegram.commands.settings_pages import clock
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard
from app.wording import Html

STYLES = ("basic", "technical", "business", "concise")
HOURS = range(5, 23)
HOURS_A_ROW = 6


async def start(exchange: Exchange) -> None:
    """Begin, or welcome somebody back with everything as it was."""
    if exchange.chat.type == telegram.Chat.CHANNEL:
        await _start_channel(exchange)
    elif exchange.is_new or exchange.reader.onboarding or not _has_begun(exchange.reader):
        await _await(exchange, "topics")
        # What is typed from here on answers these questions.
        await conversations.end(exchange.connection, exchange.chat.id, exchange.user_id)
        exchange.say(_welcome(exchange), await _topic_keyboard(exchange))
    else:
        await _welcome_back(exchange)


async def pressed(exchange: Exchange, data: str) -> None:
    """A button of one of the questions: `<question>:<answer>`."""
    if exchange.reader.onboarding is None:
        exchange.answer(exchange.text("start.answered"))
        return
    question, _, answer = data.partition(":")
    match question:
        case "topic":
            await topics.toggle(exchange, answer)
            exchange.change(_welcome(exchange), await _topic_keyboard(exchange))
        case "topics":
            await _ask_zone(exchange, exchange.reader.timezone)
        case "zone" if zone_for(answer) == answer:
            await _take_zone(exchange, answer)
        case "hour" if answer.isdecimal() and int(answer) in HOURS:
            await _take_hour(exchange, time(int(answer)))
        case "style" if answer in STYLES:
            await _finish(exchange, answer)
        case _:
            exchange.answer(exchange.text("button.unknown"))


async def heard(exchange: Exchange, words: str) -> bool:
    """Typed words while a question is open. Returns whether they were an answer to it."""
    match exchange.reader.onboarding:
        case "topics":
            if await topics.add(exchange, words):
                await _ask_zone(exchange, exchange.reader.timezone)
            return True
        case "zone" if is_yes(words):
            await _take_zone(exchange, exchange.reader.timezone)
            return True
        case "zone":
            zone = zone_for(words)
            if zone is None:
                exchange.say(exchange.text("start.zone_unknown", place=words[:60]))
            else:
                await _ask_zone(exchange, zone)
            return True
        case "hour":
            try:
                await _take_hour(exchange, CHOICES["hour"].parse(words))
            except ValueError:
                exchange.say(exchange.text("start.hour_unknown", value=words[:60]), _hours())
            return True
        case "style":
            try:
                await _finish(exchange, CHOICES["style"].parse(words))
            except ValueError:
                unknown = exchange.text("start.style_unknown", value=words[:60])
                exchange.say(unknown, _style_keyboard(exchange))
            return True
        case _:
            return False


async def _start_channel(exchange: Exchange) -> None:
    """Begin without questions, which all subscribers would see: admins change what they like by
    typing commands.
    """
    reader = await readers.update(
        exchange.connection, exchange.reader, exchange.now, paused_at=None, onboarding=None
    )
    at, zone = reader.digest_time.strftime("%H:%M"), zone_name(reader.timezone)
    exchange.say(exchange.text("start.channel", time=at, zone=zone))


async def _welcome_back(exchange: Exchange) -> None:
    reader = await readers.update(
        exchange.connection,
        exchange.reader,
        exchange.now,
        paused_at=None,
        awaiting=None,
        thread_id=exchange.thread_id,
    )
    described = coming(reader, exchange.now)
    exchange.say(exchange.text("start.welcome_back", coming=Html(described)))


def _has_begun(reader: Reader) -> bool:
    """Whether digests are planned, or paused; others came with another command than /start."""
    return bool(reader.next_digest_at or reader.next_weekly_at or reader.paused_at)


def _welcome(exchange: Exchange) -> str:
    return exchange.text("start.welcome" if exchange.is_private else "start.welcome_group")


async def _await(exchange: Exchange, question: str) -> None:
    await readers.update(
        exchange.connection,
        exchange.reader,
        exchange.now,
        onboarding=question,
        thread_id=exchange.thread_id,
    )


async def _topic_keyboard(exchange: Exchange) -> Keyboard:
    rows = topics.keyboard(await topics.chosen(exchange), "onboard:topic")
    return [*rows, [(exchange.text("button.done"), "onboard:topics:done")]]


async def _ask_zone(exchange: Exchange, zone: str) -> None:
    await _await(exchange, "zone")
    if zone != exchange.reader.timezone:
        await exchange.change_settings(timezone=zone)  # a typed "yes" is about this one
    key = "start.zone" if exchange.is_private else "start.zone_group"
    exchange.say(
        exchange.text(key, time=clock(exchange, zone), zone=zone_name(zone)),
        [[(exchange.text("button.yes"), f"onboard:zone:{zone}")]],
    )


async def _take_zone(exchange: Exchange, zone: str) -> None:
    await readers.update(
        exchange.connection, exchange.reader, exchange.now, timezone=zone, onboarding="hour"
    )
    key = "start.hour" if exchange.is_private else "start.hour_group"
    exchange.say(exchange.text(key), _hours())


def _hours() -> Keyboard:
    buttons = [(f"{hour}:00", f"onboard:hour:{hour}") for hour in HOURS]
    return [buttons[n : n + HOURS_A_ROW] for n in range(0, len(buttons), HOURS_A_ROW)]


async def _take_hour(exchange: Exchange, at: time) -> None:
    await readers.update(
        exchange.connection, exchange.reader, exchange.now, digest_time=at, onboarding="style"
    )
    exchange.say(exchange.text("start.style"), _style_keyboard(exchange))


def _style_keyboard(exchange: Exchange) -> Keyboard:
    return [[(exchange.text(f"style.{style}"), f"onboard:style:{style}") for style in STYLES]]


async def _finish(exchange: Exchange, style: str) -> None:
    reader = await readers.update(
        exchange.connection,
        exchange.reader,
        exchange.now,
        style=style,
        onboarding=None,
        digest_wanted_at=exchange.now,
        paused_at=None,
    )
    exchange.say(
        exchange.text(
            "start.done",
            time=reader.digest_time.strftime("%H:%M"),
            zone=zone_name(reader.timezone),
            style=exchange.text(f"style.{style}"),
        )
    )
