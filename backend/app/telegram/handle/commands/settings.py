"""/settings: all settings, changed by a tap, a typed answer, or a command."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import Any

from app.conversations import store as conversations
from app.digests.matches import MAX_PHRASES
from app.readers import tastes
from app.readers.interests.spelling import suggest_spelling
from app.readers.interests.topics import MAX_INTERESTS
from app.readers.parsing import is_no, is_yes
from app.readers.parsing_alerts import parse_alerts
from app.readers.places import place_for
from app.readers.store import SCHEDULE
from app.readers.tastes import READER, Taste
from app.readers.times import describe_next_digest
from app.telegram.handle.commands import look, mutes, topics
from app.telegram.handle.commands import settings_pages as pages
from app.telegram.handle.commands.choices import (
    CHOICES,
    is_allowed,
    parse_changes,
    value_after_name,
)
from app.telegram.handle.commands.named_settings import NamedValue, is_separated, named_value
from app.telegram.handle.commands.settings_pages import SettingsPage
from app.telegram.handle.commands.small_talk import is_question
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import tag
from app.text.phrases import fold_phrase
from app.wording import Html
from app.wording.shown import match_text

# The pages on which an answer may also be typed.
_TYPED = (
    *("hour", "zone", "days", "stories", "style", "points", "muted", "weekly", "alerts"),
    *("language", "summaries"),
)
# The page of a setting without its own page.
_SHOWN_ON = {"alerts_per_day": "alerts", "word": "alerts", "day": "days", "unmute": "muted"}
# These pages stay open after a change; after the others the overview is shown.
_STAYS = ("alerts", "days", "muted")
# What may be typed without an open page, such as "weekly digest: Sunday at 7". Words for alerts may
# be any, so of these only a number of points or "off" can be.
_NAMED_WITH_VALUE = tuple(name for name in CHOICES if name != "alerts_per_day")
# Settings whose change must be confirmed.
_CONFIRMED = ("zone",)
_WITHOUT_A_MODEL = {"style": "settings.no_styles", "summaries": "settings.no_summaries"}


async def settings(context: HandlerContext) -> None:
    """`/settings` shows all, `/settings hour` one of them, `/settings hour 8:30` changes it."""
    name, _, value = context.argument.partition(" ")
    name = name.lower().removesuffix(":").removesuffix("=")
    name = _labelled(context, name) or name
    if not name:
        await context.change_settings(awaiting=None)
        _show(context, pages.overview(context, await mutes.load_taste(context)))
    elif name in ("mute", "unmute"):
        await (mutes.mute if name == "mute" else mutes.unmute)(context, value)
    elif name == "look" and (value.strip() or not context.is_private):
        await look.choose(context, value.strip())
    elif name in pages.OF_THE_MODEL and not context.has_model:
        context.say(context.text(_WITHOUT_A_MODEL[name]))
    elif name not in CHOICES and name not in pages.pages(context):
        await _several_words(context, name)
    elif not value.strip():
        await _open(context, name)
    elif name == "muted":
        await mutes.mute(context, value)
    elif name == "alerts":
        await _take_alerts(context, value)
    else:
        await _take(context, name, value, asked=False)


async def _several_words(context: HandlerContext, first: str) -> None:
    """Handle an argument whose first word names no setting, but perhaps the first words do."""
    words = context.argument
    if (label := _labelled(context, words)) in pages.pages(context):
        await _open(context, label)
        return
    if (named := _named_value(context, words, alone=True)) and named.name in pages.pages(context):
        await _take(context, named.name, named.value, asked=False)
    else:
        names = ", ".join([*pages.pages(context), "alerts_per_day"])
        context.say(context.text("settings.unknown", name=first[:40], names=names))


async def on_button(context: HandlerContext, data: str) -> None:
    """A button of a page: empty, `<page>` or `<setting>:<value>`."""
    name, _, value = data.partition(":")
    if name == "":
        await context.change_settings(awaiting=None)
        context.change(*pages.overview(context, await mutes.load_taste(context)))
    elif name == "close":
        await context.change_settings(awaiting=None)
        html, _ = pages.overview(context, await mutes.load_taste(context))
        context.change(html)
    elif name in pages.OF_THE_MODEL and not context.has_model:
        context.answer(context.text(_WITHOUT_A_MODEL[name]), alert=True)
    elif not value and (name in CHOICES or name in pages.pages(context)):
        await _open(context, name)
    elif await _tapped(context, name, value):
        context.answer(context.text("settings.saved"))
        await _show_after(context, _SHOWN_ON.get(name, name))
    else:
        context.answer(context.text("button.unknown"))


async def on_text(context: HandlerContext, words: str) -> bool:
    """Handle words typed while a page is open. Returns whether they were an answer to it."""
    name, _, offered = (context.reader.awaiting or "").partition(" ")
    if name not in CHOICES and name != "muted":
        return False
    language = context.reader.language
    if name in _CONFIRMED and offered and (is_yes(words, language) or is_no(words, language)):
        await _answer(context, name, offered if is_yes(words, language) else "")
    elif name == "muted":
        await context.change_settings(awaiting=None)
        await mutes.mute(context, words)
    elif name == "alerts":
        await _take_alerts(context, words)
    else:
        await _take(context, name, words, asked=True)
    return True


async def named(context: HandlerContext, words: str) -> bool:
    """Whether the words are the label of a button, which is then handled like a tap, or name a
    setting and a value.
    """
    name = _labelled(context, words)
    if name is None:
        return await _take_named(context, words)
    if name in ("back", "close"):
        await context.change_settings(awaiting=None)
        html, keyboard = pages.overview(context, await mutes.load_taste(context))
        _show(context, (html, keyboard if name == "back" else []))
    else:
        await _open(context, name)
    return True


async def change_named(context: HandlerContext, words: str, *, besides: str) -> str | None:
    """Make the change that the words name while something else is asked for. Returns the reply;
    None if they name no setting, or the one that is asked for, `besides`.
    """
    named = _named_value(context, words, alone=False)
    if named is None or named.name == besides:
        return None
    if named.changed is None:
        return _mistaken(context, named)
    return await _changed(context, named.name, named.value, named.changed)


async def _take_named(context: HandlerContext, words: str) -> bool:
    """Take words such as "weekly digest: Sunday at 7", which name a setting and its value, or
    explain its values. Returns whether they do.
    """
    for name, take in (("muted", mutes.mute), ("alerts", _take_alerts), ("look", look.choose)):
        value = value_after_name(name, words)
        separated = is_separated(words, value) and not is_question(words)
        if value and _is_value(context, name, value, separated=separated):
            await take(context, value)
            return True
    named = _named_value(context, words, alone=True)
    if named is None:
        return False
    if named.changed is None:
        context.say(_mistaken(context, named))
    else:
        asked = named.name in _CONFIRMED
        await _change(context, named.name, named.value, named.changed, asked=asked)
    return True


def _is_value(context: HandlerContext, name: str, value: str, *, separated: bool) -> bool:
    """Whether words behind the name of the mutes, the alerts or the look are meant for it."""
    language = context.reader.language
    if name == "look":
        return separated or look.is_look(value, language)
    return separated and (name != "alerts" or bool(parse_alerts(value, language)))


def _named_value(context: HandlerContext, words: str, *, alone: bool) -> NamedValue | None:
    """The setting of this chat that the words name, with its value."""
    named = named_value(words, _NAMED_WITH_VALUE, context.reader, context.settings, alone=alone)
    if named is None or named.name in pages.pages(context):
        return named
    return replace(named, changed=None)


def _mistaken(context: HandlerContext, named: NamedValue) -> str:
    """The possible values of a setting that was named with another value."""
    if named.name in pages.OF_THE_MODEL and not context.has_model:
        return context.text(_WITHOUT_A_MODEL[named.name])
    return pages.not_understood(context, named.name, named.value, is_open=False)


def _labelled(context: HandlerContext, words: str) -> str | None:
    """The page, or `back` or `close`, whose button has this label in any language."""
    labels = {f"settings.button_{name}": name for name in (*pages.pages(context), "back", "close")}
    label = match_text(words, tuple(labels), context.reader.language)
    return labels[label] if label else None


async def _answer(context: HandlerContext, name: str, offered: str) -> None:
    """Handle a yes to the recognised value, or a no, after which another can be typed."""
    if offered:
        await _take(context, name, offered, asked=False)
    else:
        await _open(context, name)


async def cancel(context: HandlerContext) -> None:
    """/cancel: end the open question and the conversation, as any command does, and confirm that
    nothing was changed.
    """
    await conversations.end(context.connection, context.chat.id, context.user_id)
    context.say(context.text("settings.cancelled"))


async def _tapped(context: HandlerContext, name: str, value: str) -> bool:
    """Make the change of a button. Returns whether the button is known."""
    if name == "day" and value in tuple("1234567"):
        days = set(context.reader.digest_days) ^ {int(value)}
        await context.change_settings(digest_days=tuple(sorted(days)))
        return True
    if name == "word":
        return await _toggle_alert(context, value)
    if name == "unmute":
        return await mutes.remove_tagged(context, value)
    choice = CHOICES.get(name)
    if choice is None:
        return False
    try:
        parsed = choice.parse(value, context.reader.language)
        if not is_allowed(name, parsed, context.settings):
            return False
        await context.change_settings(**{choice.column: parsed}, awaiting=None)
    except ValueError:
        return False
    return True


async def _take(context: HandlerContext, name: str, words: str, *, asked: bool) -> None:
    """Set a setting to the typed value, or explain the possible values."""
    try:
        changed = parse_changes(name, words, context.reader, context.settings)
    except ValueError:
        await context.change_settings(awaiting=name if context.is_private else None)
        context.say(pages.not_understood(context, name, words))
        return
    await _change(context, name, words, changed, asked=asked)


async def _change(
    context: HandlerContext, name: str, words: str, changed: dict[str, Any], *, asked: bool
) -> None:
    if name == "zone" and asked:
        # A typed yes is about this zone.
        value = changed[CHOICES[name].column]
        await context.change_settings(awaiting=f"{name} {value}" if context.is_private else None)
        _show(context, pages.confirm_zone_page(context, value, words))
        return
    await context.change_settings(awaiting=None)
    done = await _changed(context, name, words, changed)
    if asked:
        html, keyboard = pages.overview(context, await mutes.load_taste(context))
        _show(context, (f"{done}\n\n{html}", keyboard))
    else:
        if SCHEDULE & changed.keys():
            # With the new schedule there may be no digest today, so the next one is announced.
            done = f"{done} {describe_next_digest(context.reader, context.now)}"
        context.say(done)


async def _changed(context: HandlerContext, name: str, words: str, changed: dict[str, Any]) -> str:
    """Make the change. Returns what it did."""
    await context.change_settings(**changed)
    taste = await mutes.load_taste(context)
    return "✅ " + " ".join(
        context.text(
            f"settings.done_{one}",
            value=Html(_new_value(context, taste, one, words)),
            time=pages.clock(context, context.reader.timezone),
        )
        for one, choice in CHOICES.items()
        if choice.column in changed
    )


def _new_value(context: HandlerContext, taste: Taste, name: str, words: str) -> str:
    """The new value of a setting; of a zone also the place that was understood."""
    value = pages.value(context, taste, name)
    place = place_for(words, context.reader.language) if name == "zone" else None
    return f"{escape(place.name)} ({value})" if place and place.name else value


async def _open(context: HandlerContext, name: str) -> None:
    name = _SHOWN_ON.get(name, name)
    awaiting = name if name in _TYPED and context.is_private else None
    await context.change_settings(awaiting=awaiting)
    page = await _page(context, name)
    if context.update.callback_query is not None:
        context.change(*page)
    else:
        _show(context, page)


async def _show_after(context: HandlerContext, name: str) -> None:
    page = name if name in _STAYS else ""
    context.change(*await _page(context, page))


async def _page(context: HandlerContext, name: str) -> SettingsPage:
    match name:
        case "":
            return pages.overview(context, await mutes.load_taste(context))
        case "look":
            html, keyboard = look.page(context)
            return html, [*keyboard, pages.back(context)]
        case "zone":
            return pages.zone_page(context)
        case "days":
            return pages.days_page(context)
        case "muted":
            return pages.muted_page(context, await mutes.load_taste(context))
        case "alerts":
            return pages.alerts_page(context, await mutes.load_taste(context))
        case _:
            return pages.choice_page(context, name)


def _show(context: HandlerContext, page: SettingsPage) -> None:
    """Show a page as a new message. In a channel all subscribers would see its buttons, so the
    commands are shown instead.
    """
    html, keyboard = page
    if context.chat.is_channel and keyboard:
        html, keyboard = f"{html}\n\n{context.text('settings.by_command')}", []
    context.say(html, keyboard)


async def _toggle_alert(context: HandlerContext, tagged: str) -> bool:
    taste = await mutes.load_taste(context)
    for word in taste.alert_words:
        if tag(word) == tagged:
            return await tastes.remove_alert(context.connection, context.chat.id, word)
    for interest in taste.interests:
        if interest.source == READER and tag(interest.phrase) == tagged:
            return await tastes.set_alert(
                context.connection,
                context.chat.id,
                interest.phrase,
                alert=not interest.alert,
            )
    return False


async def _take_alerts(context: HandlerContext, words: str) -> None:
    """Set the points, the words and the most per day of alerts."""
    wanted = parse_alerts(words, context.reader.language)
    taste = await mutes.load_taste(context)
    named = [one.phrase for one in taste.interests if one.source == READER]
    if not wanted:
        await context.change_settings(awaiting="alerts" if context.is_private else None)
        context.say(pages.not_understood(context, "alerts", words))
    elif topics.too_many([*named, *taste.alert_words], wanted.on):
        known = len(named) + len(taste.alert_words)
        context.say(context.text("topics.too_many", count=known, most=MAX_INTERESTS))
    else:
        await tastes.add_alerts(context.connection, context.chat.id, wanted.on)
        await _alerts_off(context, wanted.off)
        if wanted.settings:
            await context.change_settings(**wanted.settings)
        if not wanted.on:
            await context.change_settings(awaiting=None)
        html, keyboard = await _page(context, "alerts")
        lines = [
            _alerts_done(context, await mutes.load_taste(context)),
            *_mistyped(context, wanted.on),
        ]
        _show(context, ("\n".join([*lines, "", html]), keyboard))


def _alerts_done(context: HandlerContext, taste: Taste) -> str:
    value = Html(pages.value(context, taste, "alerts"))
    return f"✅ {context.text('settings.done_alerts', value=value)}"


def _mistyped(context: HandlerContext, phrases: Sequence[str]) -> list[str]:
    """The new words for alerts that may be mistyped, one per line."""
    return [
        context.text("topics.did_you_mean", typed=phrase, meant=meant)
        for phrase in phrases[:MAX_PHRASES]
        if (meant := suggest_spelling(phrase))
    ]


async def _alerts_off(context: HandlerContext, phrases: Sequence[str]) -> None:
    taste = await mutes.load_taste(context)
    unwanted = set(map(fold_phrase, phrases))
    for word in taste.alert_words:
        if fold_phrase(word) in unwanted:
            await tastes.remove_alert(context.connection, context.chat.id, word)
    for interest in taste.interests:
        if interest.source == READER and fold_phrase(interest.phrase) in unwanted:
            await tastes.set_alert(
                context.connection, context.chat.id, interest.phrase, alert=False
            )
