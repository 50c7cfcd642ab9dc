"""The pages of /settings: the overview, and one for each setting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.digests.buttons import Button
from app.languages import ENGLISH, SUMMARIES
from app.readers import parsing
from app.readers.interests.topics import interest_name
from app.readers.places import place_for, zone_name
from app.readers.schedule import zone
from app.readers.store import Reader
from app.readers.tastes import READER, Taste
from app.readers.times import describe_next_digest
from app.summaries.paid_languages import languages_paid_for
from app.telegram.handle.commands.choices import CHOICES, STYLES, is_allowed
from app.telegram.handle.commands.look import look_name
from app.telegram.handle.commands.page_heading import headed
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard, in_fitting_rows, in_rows, tag
from app.wording import LANGUAGES, Html, text
from app.wording.dates import clock_time
from app.wording.locales import short_weekday
from app.wording.typed_words import EVERY_DAY, WEEKEND, WORKING_DAYS

SettingsPage = tuple[str, Keyboard]

# The settings that need a model.
OF_THE_MODEL = ("style", "summaries")
_PAGES = (
    *("hour", "zone", "days", "stories", "style", "points", "muted", "weekly", "alerts"),
    *("look", "language", "summaries"),
)
# The buttons are limited; further mutes can be removed by typing.
MAX_MUTES_SHOWN = 40
MAX_ON_A_BUTTON = 30


def pages(context: HandlerContext) -> list[str]:
    """The pages of this chat: style and language of summaries need a model, the look needs
    a private chat.
    """
    left_out = set() if context.has_model else set(OF_THE_MODEL)
    if not context.is_private:
        left_out.add("look")
    return [name for name in _PAGES if name not in left_out]


def overview(context: HandlerContext, taste: Taste) -> SettingsPage:
    """All settings and their values."""
    reader = context.reader
    lines = [
        context.text("settings.title"),
        "",
        *(_line(context, name, value(context, taste, name)) for name in pages(context)),
        "",
        describe_next_digest(reader, context.now),
    ]
    buttons = [(context.text(f"settings.button_{name}"), f"set:{name}") for name in pages(context)]
    close = (context.text("settings.button_close"), "set:close")
    return "\n".join(lines), in_fitting_rows([*buttons, close])


def value(context: HandlerContext, taste: Taste, name: str) -> str:
    """A setting's effective value as HTML."""
    return _reads(context) if name == "summaries" else described(context.reader, taste, name)


def _reads(context: HandlerContext) -> str:
    """The own name of the language of the reader's summaries."""
    return SUMMARIES[_summary_language(context)]


def _summary_language(context: HandlerContext) -> str:
    wanted = context.reader.reads
    return wanted if is_allowed("summaries", wanted, context.settings) else ENGLISH


def described(reader: Reader, taste: Taste, name: str) -> str:
    """A setting's value as HTML."""
    language = reader.language
    match name:
        case "hour":
            return clock_time(reader.digest_time)
        case "zone":
            return zone_name(reader.timezone)
        case "days":
            return days(reader.digest_days, language)
        case "stories":
            return text("settings.up_to", language, count=reader.story_count)
        case "style":
            return text(f"style.{reader.style}", language)
        case "look":
            return look_name(reader)
        case "points":
            return points(reader.minimum_points, language, "settings.any_points")
        case "weekly":
            return _weekly(reader)
        case "muted":
            muted = [*taste.muted_words, *taste.muted_sites]
            return _some(muted, language) if muted else text("settings.nothing", language)
        case "alerts":
            return _alerts(reader, taste)
        case "language":
            return LANGUAGES.get(language, language)
        case _:
            return str(getattr(reader, CHOICES[name].column))


def choice_page(context: HandlerContext, name: str) -> SettingsPage:
    """A setting's values as buttons, the current one ticked, and how to type another."""
    return ask(context, name), [*_offered(context, name), back(context)]


def days_page(context: HandlerContext) -> SettingsPage:
    """The weekdays as ticked buttons."""
    language = context.reader.language
    chosen = context.reader.digest_days
    buttons = [
        (f"{'✓ ' if day in chosen else ''}{short_weekday(day, language)}", f"set:day:{day}")
        for day in EVERY_DAY
    ]
    groups = [
        (_label(language, "days", offered), f"set:days:{offered}")
        for offered in CHOICES["days"].offered
    ]
    rows = [buttons[:4], buttons[4:], *in_rows(groups, 2), back(context)]
    return ask(context, "days"), rows


def zone_page(context: HandlerContext) -> SettingsPage:
    """The assumed time zone, and how to type another."""
    place = context.reader.timezone
    words = ask(context, "zone", zone=zone_name(place), time=clock(context, place))
    return words, [back(context)]


def confirm_zone_page(context: HandlerContext, place: str, typed: str) -> SettingsPage:
    """The question whether the typed place, which is named, was recognised correctly."""
    buttons = [
        (context.text("button.yes"), f"set:zone:{place}"),
        (context.text("button.no"), "set:zone"),
    ]
    meant = place_for(typed, context.reader.language)
    name = meant.name if meant and meant.zone == place else ""
    words = context.text(
        "settings.confirm_zone_there" if name else "settings.confirm_zone",
        place=name,
        zone=zone_name(place),
        time=clock(context, place),
    )
    return words, [buttons]


def muted_page(context: HandlerContext, taste: Taste) -> SettingsPage:
    """The mutes, each with a button to unmute it."""
    muted = [*taste.muted_words, *taste.muted_sites]
    buttons = [
        (f"✖ {value[:MAX_ON_A_BUTTON]}", f"set:unmute:{tag(value)}")
        for value in muted[:MAX_MUTES_SHOWN]
    ]
    key = "settings.ask_muted" if muted else "settings.ask_muted_first"
    values = Html(_some(muted, context.reader.language, most=MAX_MUTES_SHOWN))
    how = how_to(context, "/mute", "crypto, example.com")
    words = context.text(key, values=values, how=Html(how))
    if not muted:
        words = headed(context, "muted", words)
    return words, [*in_fitting_rows(buttons), back(context)]


def alerts_page(context: HandlerContext, taste: Taste) -> SettingsPage:
    """The settings of alerts: points, interests, and the most per day."""
    language = context.reader.language
    by_day = [
        (context.text("settings.a_day", number=label), data)
        for row in _offered(context, "alerts_per_day")
        for label, data in row
    ]
    interests = [one for one in taste.interests if one.source == READER]
    names = [interest_name(one.phrase, language)[:MAX_ON_A_BUTTON] for one in interests]
    words = [
        (f"{'🔔' if one.alert else '🔕'} {name}", f"set:word:{tag(one.phrase)}")
        for one, name in zip(interests, names, strict=True)
    ]
    words += [
        (f"🔔 {interest_name(word, language)[:MAX_ON_A_BUTTON]}", f"set:word:{tag(word)}")
        for word in taste.alert_words
    ]
    described_now = _alerts(context.reader, taste)
    keyboard = [
        *_offered(context, "alerts"),
        *in_fitting_rows(words[:MAX_MUTES_SHOWN]),
        by_day,
        back(context),
    ]
    key = "alerts" if words else "alerts_without"
    return ask(context, "alerts", key, alerts=Html(described_now)), keyboard


def ask(context: HandlerContext, name: str, key: str = "", **values: object) -> str:
    """The question of a page, and how to type a value that is not offered. The question has a
    `key` if it is not the setting's name.
    """
    # For alerts the numbers are offered, but not the words.
    example = context.text("example.alert_word" if name == "alerts" else f"example.{name}")
    how = how_to(context, f"/settings {name}", example)
    if name == "style":
        values["styles"] = described_styles(context, STYLES)
    return headed(
        context, name, context.text(f"settings.ask_{key or name}", how=Html(how), **values)
    )


def described_styles(context: HandlerContext, styles: Iterable[str]) -> Html:
    """The styles, one per line, with what they mean."""
    return Html(
        "\n".join(
            f"<b>{context.text(f'style.{one}')}</b> – {context.text(f'style_means.{one}')}"
            for one in styles
        )
    )


def style_label(style: str, language: str) -> str:
    """A style on a button."""
    return _capitalised(text(f"style.{style}", language))


def _capitalised(label: str) -> str:
    return label[:1].upper() + label[1:]


def not_understood(
    context: HandlerContext, name: str, words: str, *, is_open: bool | None = None
) -> str:
    """The reply that `words` are not a value of the setting `name`, with the possible values.

    Args:
        is_open: whether another value is awaited; None takes it from the reader.
    """
    return context.text(
        f"settings.wrong_{name}",
        value=words[:60],
        how=Html(
            how_to(context, f"/settings {name}", context.text(f"example.{name}"), is_open=is_open)
        ),
        styles=", ".join(context.text(f"style.{style}") for style in STYLES),
        languages=", ".join(LANGUAGES.values()),
        written=", ".join(SUMMARIES[one] for one in languages_paid_for(context.settings)),
    )


def how_to(
    context: HandlerContext, command: str, example: str, *, is_open: bool | None = None
) -> str:
    """How to type an answer: alone while it is awaited, otherwise with its command."""
    awaited = bool(context.reader.awaiting) if is_open is None else is_open
    key = "settings.type" if awaited else "settings.write"
    return context.text(key, command=command, example=example)


def clock(context: HandlerContext, place: str) -> str:
    """The current time in a zone."""
    return clock_time(context.now.astimezone(zone(place)))


def days(chosen: Sequence[int], language: str) -> str:
    """A list of weekdays, such as "Mon, Wed, Fri"."""
    known = {
        EVERY_DAY: "settings.every_day",
        WORKING_DAYS: "settings.weekdays",
        WEEKEND: "settings.weekend",
        (): "settings.no_days",
    }
    key = known.get(tuple(sorted(chosen)))
    if key:
        return text(key, language)
    return ", ".join(short_weekday(day, language) for day in sorted(chosen))


def points(number: int, language: str, none: str) -> str:
    """A threshold, such as "from 50 points"; the text `none` for 0."""
    if not number:
        return text(none, language)
    return text("settings.from_points", language, count=number)


def _offered(context: HandlerContext, name: str) -> list[list[Button]]:
    choice = CHOICES[name]
    language = context.reader.language
    present = getattr(context.reader, choice.column)
    if name == "summaries":
        present = _summary_language(context)
    buttons: list[Button] = []
    alone: list[Button] = []
    for offered in choice.offered:
        if not is_allowed(name, offered, context.settings):
            continue
        label = _label(language, name, offered)
        ticked = f"✓ {label}" if choice.parse(offered, language) == present else label
        # Longer labels do not fit in a row with numbers.
        place = alone if offered == "off" and name == "points" else buttons
        place.append((ticked, f"set:{name}:{offered}"))
    return [*in_rows(buttons, choice.columns), *in_rows(alone, 1)]


def _line(context: HandlerContext, name: str, value: str) -> str:
    return context.text(
        f"settings.line_{name}", value=Html(value), time=clock(context, context.reader.timezone)
    )


def _label(language: str, name: str, offered: str) -> str:
    match name:
        case "style":
            return style_label(offered, language)
        case "language":
            return LANGUAGES[offered]
        case "summaries":
            return SUMMARIES[offered]
        case "days":
            return _capitalised(days(parsing.weekdays(offered, language), language))
        case "weekly" if offered != "off":
            return short_weekday(int(offered), language)
        case "points" if offered == "off":
            return _capitalised(text("settings.any_points", language))
        case _ if offered == "off":
            return _capitalised(text("settings.off", language))
        case _:
            return offered


def _weekly(reader: Reader) -> str:
    if reader.weekly_day is None:
        return text("settings.off", reader.language)
    day = text(f"date.each_{reader.weekly_day}", reader.language)
    return text("settings.at", reader.language, day=day, time=clock_time(reader.weekly_at))


def _alerts(reader: Reader, taste: Taste) -> str:
    language = reader.language
    phrases = [one.phrase for one in taste.interests if one.alert]
    words = [interest_name(one, language) for one in (*phrases, *taste.alert_words)]
    parts = []
    if reader.alert_points:
        parts.append(points(reader.alert_points, language, "settings.off"))
    if words:
        parts.append(text("settings.about", language, words=Html(_some(words, language))))
    if not parts:
        return text("settings.off", language)
    cap = text("settings.at_most", language, count=reader.alerts_per_day)
    return f"{text('settings.or', language).join(parts)}, {cap}"


def _some(values: Sequence[str], language: str, most: int = 5) -> str:
    """The first of several values as HTML, and the number of the others."""
    shown = text("settings.list", language, values=", ".join(values[:most]))
    more = len(values) - most
    return shown if more <= 0 else f"{shown} {text('settings.and_more', language, count=more)}"


def back(context: HandlerContext) -> list[Button]:
    return [(context.text("settings.button_back"), "set:")]
