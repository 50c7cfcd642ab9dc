"""/settings: everything that can be changed, by tapping, by typing an answer, or in one line."""

from __future__ import annotations

import telegram

from app.readers import tastes
from app.readers.interests import MOST_INTERESTS, parse_phrases
from app.readers.store import SCHEDULE
from app.readers.tastes import READER, Taste
from app.readers.times import coming
from app.readers.typed import is_off
from app.telegram.commands import mutes, topics
from app.telegram.commands import settings_pages as pages
from app.telegram.commands.choices import CHOICES
from app.telegram.commands.settings_pages import Page
from app.telegram.exchange import Exchange
from app.telegram.messages import tag
from app.wording import Html

# The pages on which an answer may be typed instead of tapped.
_TYPED = ("hour", "zone", "days", "stories", "points", "muted", "alerts")
# Which page shows a setting that has none of its own.
_SHOWN_ON = {"alerts_per_day": "alerts", "word": "alerts", "day": "days", "unmute": "muted"}
# Values are seen at work on their page; with the others the overview is next.
_STAYS = ("alerts", "days", "muted")


async def settings(exchange: Exchange) -> None:
    """`/settings` shows them, `/settings hour` one of them, `/settings hour 8:30` changes it."""
    name, _, value = exchange.argument.partition(" ")
    name = name.lower().removesuffix(":").removesuffix("=")
    if not name:
        await exchange.change_settings(awaiting=None)
        _show(exchange, pages.overview(exchange, await _taste(exchange)))
    elif name in ("mute", "unmute"):
        await (mutes.mute if name == "mute" else mutes.unmute)(exchange, value)
    elif name not in CHOICES and name not in pages.PAGES:
        exchange.say(exchange.text("settings.unknown", name=name[:40]))
    elif not value.strip() or name == "muted":
        await _open(exchange, name)
    elif name == "alerts":
        await _take_alerts(exchange, value)
    else:
        await _take(exchange, name, value, asked=False)


async def pressed(exchange: Exchange, data: str) -> None:
    """A button of one of the pages: nothing, `<page>` or `<setting>:<value>`."""
    name, _, value = data.partition(":")
    if name == "":
        await exchange.change_settings(awaiting=None)
        exchange.change(*pages.overview(exchange, await _taste(exchange)))
    elif name == "close":
        await exchange.change_settings(awaiting=None)
        html, _ = pages.overview(exchange, await _taste(exchange))
        exchange.change(html)
    elif not value and (name in CHOICES or name in pages.PAGES):
        await _open(exchange, name)
    elif await _tapped(exchange, name, value):
        exchange.answer(exchange.text("settings.saved"))
        await _show_after(exchange, _SHOWN_ON.get(name, name))
    else:
        exchange.answer(exchange.text("button.unknown"))


async def heard(exchange: Exchange, words: str) -> bool:
    """Typed words while a page is open. Returns whether they were an answer to it."""
    name = exchange.reader.awaiting
    if name is None or (name not in CHOICES and name != "muted"):
        return False
    if name == "muted":
        await exchange.change_settings(awaiting=None)
        await mutes.mute(exchange, words)
    elif name == "alerts":
        await _take_alerts(exchange, words)
    else:
        await _take(exchange, name, words, asked=True)
    return True


async def cancel(exchange: Exchange) -> None:
    """/cancel: nothing is awaited any more, as after any command, and nothing was changed."""
    exchange.say(exchange.text("settings.cancelled"))


async def _tapped(exchange: Exchange, name: str, value: str) -> bool:
    """Make a change that a button stands for. Returns whether there is such a one."""
    if name == "day" and value in tuple("1234567"):
        days = set(exchange.reader.digest_days) ^ {int(value)}
        await exchange.change_settings(digest_days=tuple(sorted(days)))
        return True
    if name == "word":
        return await _toggle_alert(exchange, value)
    if name == "unmute":
        return await mutes.remove_tagged(exchange, value)
    choice = CHOICES.get(name)
    if choice is None:
        return False
    try:
        await exchange.change_settings(**{choice.column: choice.parse(value)}, awaiting=None)
    except ValueError:
        return False
    return True


async def _take(exchange: Exchange, name: str, words: str, *, asked: bool) -> None:
    """Change a setting to what was typed, or say what could have been typed."""
    choice = CHOICES[name]
    try:
        value = choice.parse(words)
    except ValueError:
        await exchange.change_settings(awaiting=name if exchange.is_private else None)
        how = pages.how_to(exchange, f"/settings {name}", choice.example)
        exchange.say(exchange.text(f"settings.wrong_{name}", value=words[:60], how=Html(how)))
        return
    if name == "zone" and asked:
        _show(exchange, pages.confirm_zone_page(exchange, value))
        return
    await exchange.change_settings(**{choice.column: value}, awaiting=None)
    taste = await _taste(exchange)
    done = exchange.text(
        f"settings.done_{name}",
        value=Html(pages.described(exchange.reader, taste, name)),
        time=pages.clock(exchange, exchange.reader.timezone),
    )
    if asked:
        html, keyboard = pages.overview(exchange, taste)
        _show(exchange, (f"✅ {done}\n\n{html}", keyboard))
    else:
        # A changed plan may leave today without a digest, which must not be a surprise.
        plan = [coming(exchange.reader, exchange.now)] if choice.column in SCHEDULE else []
        exchange.say(" ".join([f"✅ {done}", *plan]))


async def _open(exchange: Exchange, name: str) -> None:
    name = _SHOWN_ON.get(name, name)
    awaiting = name if name in _TYPED and exchange.is_private else None
    await exchange.change_settings(awaiting=awaiting)
    page = await _page(exchange, name)
    if exchange.update.callback_query is not None:
        exchange.change(*page)
    else:
        _show(exchange, page)


async def _show_after(exchange: Exchange, name: str) -> None:
    page = name if name in _STAYS else ""
    exchange.change(*await _page(exchange, page))


async def _page(exchange: Exchange, name: str) -> Page:
    match name:
        case "":
            return pages.overview(exchange, await _taste(exchange))
        case "zone":
            return pages.zone_page(exchange)
        case "days":
            return pages.days_page(exchange)
        case "muted":
            return pages.muted_page(exchange, await _taste(exchange))
        case "alerts":
            return pages.alerts_page(exchange, await _taste(exchange))
        case _:
            return pages.choice_page(exchange, name)


def _show(exchange: Exchange, page: Page) -> None:
    """A page as a new message. In a channel all subscribers would see its buttons, so there the
    commands stand instead of them.
    """
    html, keyboard = page
    if exchange.chat.type == telegram.Chat.CHANNEL and keyboard:
        html, keyboard = f"{html}\n\n{exchange.text('settings.by_command')}", []
    exchange.say(html, keyboard)


async def _toggle_alert(exchange: Exchange, tagged: str) -> bool:
    for interest in (await _taste(exchange)).interests:
        if interest.source == READER and tag(interest.phrase) == tagged:
            return await tastes.set_alert(
                exchange.connection,
                exchange.chat.id,
                interest.phrase,
                alert=not interest.alert,
            )
    return False


async def _take_alerts(exchange: Exchange, words: str) -> None:
    """Be told of stories with so many points, or with these words."""
    if is_off(words) or words.strip().isdecimal():
        await _take(exchange, "alerts", words, asked=False)
        return
    phrases = parse_phrases(words)
    named = await topics.chosen(exchange)
    if not phrases:
        await _take(exchange, "alerts", words, asked=False)
    elif topics.too_many(named, phrases):
        exchange.say(exchange.text("topics.too_many", count=len(named), most=MOST_INTERESTS))
    else:
        for phrase in await tastes.add_interests(exchange.connection, exchange.chat.id, phrases):
            await tastes.set_alert(exchange.connection, exchange.chat.id, phrase, alert=True)
        _show(exchange, await _page(exchange, "alerts"))


async def _taste(exchange: Exchange) -> Taste:
    return (await tastes.load_tastes(exchange.connection, [exchange.chat.id]))[exchange.chat.id]
