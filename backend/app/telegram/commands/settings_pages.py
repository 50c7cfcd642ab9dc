"""What /settings shows: the overview, and a page for each setting."""

from __future__ import annotations

from collections.abc import Sequence

from app.readers import typed
from app.readers.interests import TOPICS
from app.readers.places import zone_name
from app.readers.schedule import zone
from app.readers.store import Reader
from app.readers.tastes import READER, Taste
from app.readers.times import coming
from app.telegram.commands.choices import CHOICES
from app.telegram.exchange import Exchange
from app.telegram.messages import Button, Keyboard, in_rows, tag
from app.wording import LANGUAGES, Html, text

Page = tuple[str, Keyboard]

PAGES = ("hour", "zone", "days", "stories", "style", "points", "muted", "weekly", "alerts")
# More buttons would be a wall; the rest is removed by typing.
MOST_MUTES_SHOWN = 40
MOST_ON_A_BUTTON = 30


def overview(exchange: Exchange, taste: Taste) -> Page:
    """All settings and their values."""
    reader = exchange.reader
    lines = [
        exchange.text("settings.title"),
        "",
        *(_line(exchange, name, described(reader, taste, name)) for name in (*PAGES, "language")),
        "",
        coming(reader, exchange.now),
    ]
    buttons = [
        (exchange.text(f"settings.button_{name}"), f"set:{name}") for name in (*PAGES, "language")
    ]
    close = (exchange.text("settings.button_close"), "set:close")
    return "\n".join(lines), in_rows([*buttons, close], 3)


def described(reader: Reader, taste: Taste, name: str) -> str:
    """A setting's value, in words and as HTML."""
    language = reader.language
    match name:
        case "hour":
            return reader.digest_time.strftime("%H:%M")
        case "zone":
            return zone_name(reader.timezone)
        case "days":
            return days(reader.digest_days, language)
        case "stories":
            return text("settings.up_to", language, count=reader.story_count)
        case "style":
            return text(f"style.{reader.style}", language)
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


def choice_page(exchange: Exchange, name: str) -> Page:
    """A setting's values to tap, the present one ticked, and how to type another."""
    return ask(exchange, name), [*_offered(exchange, name), _back(exchange)]


def days_page(exchange: Exchange) -> Page:
    """The weekdays to tick."""
    language = exchange.reader.language
    chosen = exchange.reader.digest_days
    buttons = [
        (f"{'✓ ' if day in chosen else ''}{text(f'date.short_{day}', language)}", f"set:day:{day}")
        for day in typed.EVERY_DAY
    ]
    groups = [
        (_label(language, "days", offered), f"set:days:{offered}")
        for offered in CHOICES["days"].offered
    ]
    rows = [buttons[:4], buttons[4:], *in_rows(groups, 2), _back(exchange)]
    return ask(exchange, "days"), rows


def zone_page(exchange: Exchange) -> Page:
    """Where the reader is thought to be, to be corrected by typing."""
    place = exchange.reader.timezone
    words = ask(exchange, "zone", zone=zone_name(place), time=clock(exchange, place))
    return words, [_back(exchange)]


def confirm_zone_page(exchange: Exchange, place: str) -> Page:
    """Whether this is the zone that was meant by what was typed."""
    buttons = [
        (exchange.text("button.yes"), f"set:zone:{place}"),
        (exchange.text("button.no"), "set:zone"),
    ]
    words = exchange.text(
        "settings.confirm_zone", zone=zone_name(place), time=clock(exchange, place)
    )
    return words, [buttons]


def muted_page(exchange: Exchange, taste: Taste) -> Page:
    """What is muted, each to be unmuted with a tap."""
    muted = [*taste.muted_words, *taste.muted_sites]
    buttons = [
        (f"✖ {value[:MOST_ON_A_BUTTON]}", f"set:unmute:{tag(value)}")
        for value in muted[:MOST_MUTES_SHOWN]
    ]
    key = "settings.ask_muted" if muted else "settings.ask_muted_first"
    values = Html(_some(muted, exchange.reader.language, most=MOST_MUTES_SHOWN))
    how = how_to(exchange, "/mute", "crypto, example.com")
    words = exchange.text(key, values=values, how=Html(how))
    return words, [*in_rows(buttons, 2), _back(exchange)]


def alerts_page(exchange: Exchange, taste: Taste) -> Page:
    """From how many points to tell at once, for which interests, and how often a day at most."""
    by_day = [
        (exchange.text("settings.a_day", number=label), data)
        for row in _offered(exchange, "alerts_per_day")
        for label, data in row
    ]
    words = [
        (
            f"{'🔔' if one.alert else '🔕'} {_topic_name(one.phrase)[:MOST_ON_A_BUTTON]}",
            f"set:word:{tag(one.phrase)}",
        )
        for one in taste.interests
        if one.source == READER
    ]
    described_now = _alerts(exchange.reader, taste)
    keyboard = [
        *_offered(exchange, "alerts"),
        *in_rows(words[:MOST_MUTES_SHOWN], 2),
        by_day,
        _back(exchange),
    ]
    return ask(exchange, "alerts", alerts=Html(described_now)), keyboard


def ask(exchange: Exchange, name: str, **values: object) -> str:
    """The question of a page, and how to answer it with something that is not offered."""
    # Of alerts the numbers are offered, but not the words.
    example = "sqlite" if name == "alerts" else CHOICES[name].example
    how = how_to(exchange, f"/settings {name}", example)
    return exchange.text(f"settings.ask_{name}", how=Html(how), **values)


def how_to(exchange: Exchange, command: str, example: str) -> str:
    """How to type an answer: by itself while it is awaited, otherwise behind its command."""
    key = "settings.type" if exchange.reader.awaiting else "settings.write"
    return exchange.text(key, command=command, example=example)


def clock(exchange: Exchange, place: str) -> str:
    """What time it is now in a zone."""
    return exchange.now.astimezone(zone(place)).strftime("%H:%M")


def days(chosen: Sequence[int], language: str) -> str:
    """Such as "Mon, Wed, Fri"."""
    known = {
        typed.EVERY_DAY: "settings.every_day",
        typed.WORKING_DAYS: "settings.weekdays",
        typed.WEEKEND: "settings.weekend",
        (): "settings.no_days",
    }
    key = known.get(tuple(sorted(chosen)))
    if key:
        return text(key, language)
    return ", ".join(text(f"date.short_{day}", language) for day in sorted(chosen))


def points(number: int, language: str, none: str) -> str:
    """Such as "from 50 points"; the text `none` for 0."""
    if not number:
        return text(none, language)
    return text("settings.from_points", language, count=number)


def _offered(exchange: Exchange, name: str) -> list[list[Button]]:
    choice = CHOICES[name]
    present = getattr(exchange.reader, choice.column)
    buttons = []
    for offered in choice.offered:
        label = _label(exchange.reader.language, name, offered)
        ticked = f"✓ {label}" if choice.parse(offered) == present else label
        buttons.append((ticked, f"set:{name}:{offered}"))
    return in_rows(buttons, choice.columns)


def _line(exchange: Exchange, name: str, value: str) -> str:
    return exchange.text(
        f"settings.line_{name}", value=Html(value), time=clock(exchange, exchange.reader.timezone)
    )


def _label(language: str, name: str, offered: str) -> str:
    match name:
        case "style":
            return text(f"style.{offered}", language)
        case "language":
            return LANGUAGES[offered]
        case "days":
            return days(typed.weekdays(offered), language)
        case "weekly" if offered != "off":
            return text(f"date.short_{offered}", language)
        case "points" if offered == "off":
            return text("settings.any_points", language)
        case _ if offered == "off":
            return text("settings.off", language)
        case _:
            return offered


def _weekly(reader: Reader) -> str:
    if reader.weekly_day is None:
        return text("settings.off", reader.language)
    day = text(f"date.each_{reader.weekly_day}", reader.language)
    return text("settings.at", reader.language, day=day, time=reader.digest_time.strftime("%H:%M"))


def _alerts(reader: Reader, taste: Taste) -> str:
    language = reader.language
    words = [_topic_name(one.phrase) for one in taste.interests if one.alert]
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
    """The first of many, as HTML, and how many more there are."""
    shown = text("settings.list", language, values=", ".join(values[:most]))
    more = len(values) - most
    return shown if more <= 0 else f"{shown} {text('settings.and_more', language, count=more)}"


def _topic_name(phrase: str) -> str:
    return next((name for name, meant in TOPICS.items() if meant == phrase), phrase)


def _back(exchange: Exchange) -> list[Button]:
    return [(exchange.text("settings.button_back"), "set:")]
