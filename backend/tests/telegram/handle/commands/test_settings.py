"""/settings: tapped, typed, and in one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from typing import Any

import pytest

from app.database.connection import Pool
from app.readers import tastes
from app.telegram.api.client import BotApi
from app.telegram.handle.commands import settings_pages
from app.telegram.handle.commands.choices import CHOICES, parse_changes
from app.wording import LANGUAGES, text
from tests.telegram.chat import GROUP, PERSON, TOKEN, Said, Talk, settings


async def opened(talk: Talk, page: str = "") -> Said:
    """The overview, or one of its pages."""
    [overview] = await talk.say("/settings")
    return await shown(talk, overview, f"set:{page}") if page else overview


async def shown(talk: Talk, said: Said, data: str) -> Said:
    """The page that takes the place of `said` when a button is pressed."""
    assert data in said.buttons.values(), f"{data} in {said.buttons}"
    answers = await talk.press_data(data, said.message_id)
    assert [one.method for one in answers] == ["editMessageText", "answerCallbackQuery"] or [
        one.method for one in answers
    ] == ["answerCallbackQuery", "editMessageText"]
    return next(one for one in answers if one.method == "editMessageText")


async def test_the_overview_shows_every_setting(talk: Talk) -> None:
    await talk.onboarded(digest_time=time(7, 30), timezone="Europe/Berlin", weekly_day=7)
    overview = await opened(talk)
    for words in (
        "7:30",
        "Europe/Berlin",
        "every day",
        "Sundays at 7:30",
        "English",
        "Next digest",
    ):
        assert words in overview.text
    pages = {f"set:{name}" for name in CHOICES} - {
        "set:alerts_per_day",
        "set:style",
        "set:summaries",
    }
    assert {*pages, "set:look", "set:muted", "set:close"} == set(overview.buttons.values())


async def test_there_is_a_style_where_summaries_are_written(talk_with_model: Talk) -> None:
    await talk_with_model.onboarded()
    overview = await opened(talk_with_model)
    assert "Style: basic" in overview.text
    await shown(talk_with_model, overview, "set:style")
    [done] = await talk_with_model.say("/settings style technical")
    assert "technical" in done.text
    assert (await talk_with_model.reader()).style == "technical"


async def test_without_a_model_there_is_no_style(talk: Talk) -> None:
    await talk.onboarded()
    [overview] = await talk.say("/settings")
    [usage] = await talk.say("/help settings")
    [unknown] = await talk.say("/settings font")
    for said in overview, usage, unknown:
        assert "style" not in said.text.casefold()
    for words in "/settings style", "/settings style technical":
        [refused] = await talk.say(words)
        assert "no style to choose" in refused.text and not refused.buttons
    for data in "set:style", "set:style:technical":
        [refused] = await talk.press_data(data)
        assert refused.method == "answerCallbackQuery" and "no style" in refused.text
    assert (await talk.reader()).style == "basic"


@pytest.mark.parametrize(
    ("page", "data", "column", "value"),
    [
        ("hour", "set:hour:21:00", "digest_time", time(21)),
        ("days", "set:day:6", "digest_days", (1, 2, 3, 4, 5, 7)),
        ("days", "set:days:weekdays", "digest_days", (1, 2, 3, 4, 5)),
        ("days", "set:days:off", "digest_days", ()),
        ("stories", "set:stories:10", "story_count", 10),
        ("style", "set:style:personalised", "style", "personalised"),
        ("points", "set:points:100", "minimum_points", 100),
        ("weekly", "set:weekly:7", "weekly_day", 7),
        ("language", "set:language:de", "language", "de"),
        ("alerts", "set:alerts:300", "alert_points", 300),
        ("alerts", "set:alerts_per_day:10", "alerts_per_day", 10),
    ],
)
async def test_tapping_changes_a_setting_in_place(
    talk_with_model: Talk, page: str, data: str, column: str, value: Any
) -> None:
    await talk_with_model.onboarded()
    page_shown = await opened(talk_with_model, page)
    await shown(talk_with_model, page_shown, data)
    assert getattr(await talk_with_model.reader(), column) == value


@pytest.mark.parametrize(
    ("name", "typed", "column", "value"),
    [
        ("hour", "7 pm", "digest_time", time(19)),
        ("days", "mon-wed", "digest_days", (1, 2, 3)),
        ("stories", "12", "story_count", 12),
        ("points", "75", "minimum_points", 75),
        ("alerts", "400", "alert_points", 400),
    ],
)
async def test_typing_changes_a_setting(
    talk: Talk, name: str, typed: str, column: str, value: Any
) -> None:
    await talk.onboarded()
    page = await opened(talk, name)
    assert "/cancel" in page.text
    [done] = await talk.say(typed)
    assert done.text.startswith("✅")
    assert getattr(await talk.reader(), column) == value
    [hint] = await talk.say(typed)
    assert "✅" not in hint.text  # nothing is awaited any more


async def test_a_wrong_value_may_be_typed_again(talk: Talk) -> None:
    await talk.onboarded()
    for name, value in (("hour", "7:30"), ("stories", "7"), ("weekly", "sunday")):
        [wrong] = await talk.say(f"/settings {name} ???")
        assert "/cancel" in wrong.text
        [done] = await talk.say(value)
        assert done.text.startswith("✅")
    await talk.say("/mute")
    [muted] = await talk.say("crypto")
    assert "✖ crypto" in muted.buttons and "/mute" in muted.text
    await talk.say("thank you")
    [muted] = await talk.say("/mute")
    assert list(muted.buttons) == ["✖ crypto", "‹ Back"]


async def test_another_button_ends_the_question(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/topics")
    await talk.press_data("story:1")
    await talk.say("What is this about?")
    [listed] = await talk.say("/topics")
    assert "No interests have been named" in listed.text


async def test_a_place_is_guessed_and_confirmed(talk: Talk) -> None:
    await talk.onboarded()
    await opened(talk, "zone")
    [unknown] = await talk.say("Qqqqq <b>")
    assert "Qqqqq &lt;b&gt;" in unknown.text and "Berlin" in unknown.text
    [guess] = await talk.say("san francisco")
    assert (await talk.reader()).timezone == "UTC"
    overview = await shown(talk, guess, "set:zone:America/Los_Angeles")
    assert "America/Los Angeles" in overview.text
    assert (await talk.reader()).timezone == "America/Los_Angeles"


@pytest.mark.parametrize("command", ["/cancel", "/help", "/settings"])
async def test_any_command_ends_the_question(talk: Talk, command: str) -> None:
    await talk.onboarded()
    await opened(talk, "hour")
    await talk.say(command)
    await talk.say("9:15")
    assert (await talk.reader()).digest_time == time(8)


@pytest.mark.parametrize("name", [*CHOICES])
async def test_every_setting_has_an_example_that_works_and_an_error(
    talk_with_model: Talk, name: str
) -> None:
    talk = talk_with_model
    await talk.onboarded()
    [wrong] = await talk.say(f"/settings {name} ???")
    example = text(f"example.{name}", "en")
    assert example in wrong.text
    [done] = await talk.say(f"/settings {name} {example}")
    assert done.text.startswith("✅")
    reader = await talk.reader()
    for column, value in parse_changes(name, example, reader, settings()).items():
        assert getattr(reader, column) == value


@pytest.mark.parametrize(
    "data",
    [
        "set:hour:99:00",
        "set:hour:",
        "set:day:9",
        "set:style:purple",
        "set:zone:Mars/Base",
        "set:word:ffff",
        "set:unmute:ffff",
        "set:nothing",
        "set:nothing:1",
        "set:chat_id:7",
        "set:stories:2000",
    ],
)
async def test_a_forged_setting_changes_nothing_and_is_answered(talk: Talk, data: str) -> None:
    before = await talk.onboarded()
    said = await talk.press_data(data)
    assert [one.method for one in said if one.method == "answerCallbackQuery"]
    assert await talk.reader() == before or data == "set:hour:"


async def test_a_channels_lists_have_no_buttons_for_subscribers_to_see(talk: Talk) -> None:
    await talk.onboarded(GROUP)
    for command in "/topics rust", "/topics", "/mute crypto, evil.example", "/mute":
        said = await talk.say(command, GROUP, chat_type="channel")
        assert not any(one.buttons for one in said), command
    assert "crypto, evil.example" in said[-1].text
    assert "/unmute crypto" in said[-1].text


async def test_settings_of_a_channel_are_typed(talk: Talk) -> None:
    await talk.onboarded(GROUP)
    [overview] = await talk.say("/settings", GROUP, chat_type="channel")
    assert overview.buttons == {} and "/settings zone Berlin" in overview.text
    [done] = await talk.say("/settings zone Berlin", GROUP, chat_type="channel")
    assert "Europe/Berlin" in done.text
    assert (await talk.reader(GROUP)).timezone == "Europe/Berlin"


async def test_the_language_changes_at_once(talk: Talk) -> None:
    await talk.onboarded()
    [done] = await talk.say("/settings language Deutsch")
    assert "Ich spreche" in done.text
    [overview] = await talk.say("/settings")
    assert "Einstellungen" in overview.text


async def test_muting_words_and_sites(talk: Talk) -> None:
    await talk.onboarded()
    [muted] = await talk.say("/mute crypto, https://www.example.com/a, " + "long " * 11)
    assert "crypto" in muted.text and "example.com" in muted.text
    await shown(talk, muted, muted.press("crypto"))
    async with talk.pool.acquire() as connection:
        taste = (await tastes.load_tastes(connection, [PERSON]))[PERSON]
    assert taste.muted_sites == ("example.com",)
    assert len(taste.muted_words) == 1
    [wrong] = await talk.say("/unmute bitcoin")
    assert "Not muted: bitcoin" in wrong.text
    [left] = await talk.say("/unmute EXAMPLE.com")
    assert "example.com" not in left.text.partition("another word")[0]
    [wrong] = await talk.say("/mute !!!")
    assert "cannot be muted" in wrong.text


async def test_alerts_by_words(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/topics sqlite")
    page = await opened(talk, "alerts")
    page = await shown(talk, page, page.press("🔕 sqlite"))
    assert "about sqlite" in page.text
    [page] = await talk.say("zig, nixos")
    assert "🔔 zig" in page.buttons
    page = await shown(talk, page, page.press("🔔 sqlite"))
    assert "about nixos, zig, at most 3 stories a day" in page.text
    [off] = await talk.say("/settings alerts ,,,")
    assert "is not a number of points" in off.text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_alerts_speak_of_interests_only_where_there_are_some(
    talk: Talk, language: str
) -> None:
    await talk.onboarded(language=language)
    page = await opened(talk, "alerts")
    assert "🔕" not in page.text and not any("🔕" in label for label in page.buttons)
    await talk.say("/topics sqlite")
    page = await opened(talk, "alerts")
    assert "🔕" in page.text and "🔕 sqlite" in page.buttons


async def test_an_alert_for_a_topic_is_set_however_it_is_written(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/topics Rust")
    [page] = await talk.say("/settings alerts rust")
    assert "about Rust" in page.text
    await talk.say("/settings language de")
    [page] = await talk.say("/settings alerts KI")
    assert "zu KI, Rust" in page.text or "zu Rust, KI" in page.text
    assert "🔔 KI" in page.buttons


async def test_learned_phrases_do_not_count_as_interests(talk: Talk, database: Pool) -> None:
    await talk.onboarded()
    await talk.say("/topics " + ",".join(f"word{number}" for number in range(49)))
    await database.execute(
        """
        INSERT INTO interests (chat_id, phrase, source)
        SELECT chat_id, 'learned' || n, 'feedback' FROM readers, generate_series(1, 40) AS n
        """
    )
    [page] = await talk.say("/settings alerts zig, word1")
    assert "about word1, zig" in page.text
    [many] = await talk.say("/settings alerts nim")
    assert "There are 50 now" in many.text


async def test_a_changed_plan_says_when_the_next_digest_comes(talk: Talk) -> None:
    await talk.onboarded(digest_time=time(8))
    # It has just passed, so that today has none any more.
    [changed] = await talk.say(f"/settings hour {datetime.now(UTC):%H:%M}")
    assert "Next digest: " in changed.text and "today" not in changed.text
    [none] = await talk.say("/settings days off")
    assert "No digest is planned" in none.text
    [weekly] = await talk.say("/settings weekly 7")
    assert "Next digest: " in weekly.text
    [unplanned] = await talk.say("/settings stories 3")
    assert "Next digest" not in unplanned.text


@pytest.mark.parametrize("command", ["/resume", "/start"])
async def test_a_returning_reader_is_told_of_the_weekly_digest_too(
    talk: Talk, command: str
) -> None:
    await talk.onboarded(digest_days=(), weekly_day=7)
    await talk.say("/pause")
    [back] = await talk.say(command)
    assert "Next digest: " in back.text
    await talk.say("/settings weekly off")
    await talk.say("/pause")
    [back] = await talk.say(command)
    assert "No digest is planned" in back.text


async def state(talk: Talk) -> dict[str, Any]:
    reader = await talk.reader()
    return {choice.column: getattr(reader, choice.column) for choice in CHOICES.values()}


TAG = re.compile(r"</?b>")
CLOCK = re.compile(r"\d?\d:\d\d")
PAGES = [name for name in CHOICES if name not in ("zone", "alerts", "alerts_per_day")]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
async def test_typing_a_label_equals_tapping_it(
    talk_with_model: Talk, language: str, name: str
) -> None:
    talk = talk_with_model
    await talk.onboarded(language=language)
    [page] = await talk.say(f"/settings {name}")
    values = {label: data for label, data in page.buttons.items() if data != "set:"}
    assert values
    for label, data in values.items():
        await talk.pool.execute("UPDATE readers SET language = $1, awaiting = NULL", language)
        await talk.say(f"/settings {name}")
        _, setting, value = data.split(":", 2)
        wanted = (int(value),) if setting == "day" else CHOICES[setting].parse(value, language)
        [done] = await talk.say(label)
        assert done.text.startswith("✅"), f"{label}: {done.text}"
        assert (await state(talk))[CHOICES[name].column] == wanted, label


@pytest.mark.parametrize("language", LANGUAGES)
async def test_typing_a_button_of_the_overview_opens_its_page(
    talk_with_model: Talk, language: str
) -> None:
    talk = talk_with_model
    await talk.onboarded(language=language)
    [overview] = await talk.say("/settings")
    for label, data in overview.buttons.items():
        await talk.pool.execute("UPDATE readers SET awaiting = NULL")
        tapped = [one for one in await talk.press_data(data) if one.method == "editMessageText"]
        await talk.pool.execute("UPDATE readers SET awaiting = NULL")
        for typed in label, label.split(" ", 1)[1]:
            [opened] = await talk.say(typed)
            # The clock may go on in between.
            assert CLOCK.sub("", opened.text) == CLOCK.sub("", tapped[0].text), typed
            await talk.pool.execute("UPDATE readers SET awaiting = NULL")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_typing_a_line_of_the_overview_changes_nothing(
    talk_with_model: Talk, language: str
) -> None:
    talk = talk_with_model
    await talk.onboarded(language=language, weekly_day=7, minimum_points=50, alert_points=300)
    async with talk.pool.acquire() as connection:
        taste = (await tastes.load_tastes(connection, [PERSON]))[PERSON]
    before = await state(talk)
    for name in (*PAGES, "alerts"):
        await talk.say(f"/settings {name}")
        if name == "summaries":
            typed = LANGUAGES[language]
            before["summary_language"] = language
        else:
            typed = settings_pages.described(await talk.reader(), taste, name)
        [done] = await talk.say(typed)
        assert await state(talk) == before, f"{name}: {typed}: {done.text}"


async def test_a_typed_zone_is_confirmed_by_typing_yes(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/settings zone")
    [asked] = await talk.say("springfield illinois")
    assert asked.text.startswith("<b>Springfield, Illinois</b>: is it")
    [again] = await talk.say("No")
    assert "name a city" in again.text
    await talk.say("Kathmandu")
    await talk.say("yes")
    assert (await talk.reader()).timezone == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("typed", "muted"),
    [
        ("Elon Musk and Bitcoin", "Bitcoin, Elon Musk"),
        ("Elon Musk und Bitcoin", "Bitcoin, Elon Musk"),
        ("nytimes.com and nfts", "nfts, nytimes.com"),
        ("Dungeons and Dragons", "Dungeons and Dragons"),
    ],
)
async def test_a_list_of_mutes_may_have_no_commas(talk: Talk, typed: str, muted: str) -> None:
    await talk.onboarded()
    [said] = await talk.say(f"/mute {typed}")
    shown = said.text.partition("Muted: ")[2].partition(".\n")[0]
    assert ", ".join(sorted(shown.split(", "))) == muted


@pytest.mark.parametrize("typed", ["cancel", "Cancel!", "abbrechen", "cancelar"])
@pytest.mark.parametrize("page", ["style", "muted", "alerts", "hour"])
async def test_a_question_can_be_cancelled_in_words(
    talk_with_model: Talk, page: str, typed: str
) -> None:
    talk = talk_with_model
    await talk.onboarded()
    await talk.say(f"/settings {page}")
    [said] = await talk.say(typed)
    assert said.text == "Cancelled."
    assert (await talk.reader()).awaiting is None
    [overview] = await talk.say("/settings")
    assert "Muted: nothing" in overview.text and "Alerts: off" in overview.text


@pytest.mark.parametrize("typed", ["help", "Hilfe!", "ayuda"])
@pytest.mark.parametrize("page", ["muted", "alerts", "zone", "points"])
async def test_help_is_no_value(talk: Talk, page: str, typed: str) -> None:
    await talk.onboarded()
    before = await talk.reader()
    await talk.say(f"/settings {page}")
    [said] = await talk.say(typed)
    assert "/settings" in said.text and "/digest" in said.text
    await talk.say("/cancel")
    assert await talk.reader() == before


@pytest.mark.parametrize(
    ("name", "typed", "column", "value"),
    [
        ("style", "short please", "style", "concise"),
        ("style", "básico", "style", "basic"),
        ("language", "German please", "language", "de"),
        ("stories", "fifteen, please", "story_count", 15),
    ],
)
async def test_people_are_polite_and_use_their_own_words(
    talk_with_model: Talk, name: str, typed: str, column: str, value: object
) -> None:
    await talk_with_model.onboarded()
    await talk_with_model.say(f"/settings {name}")
    await talk_with_model.say(typed)
    assert getattr(await talk_with_model.reader(), column) == value


async def test_an_alert_is_asked_for_in_a_sentence(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/settings alerts")
    [said] = await talk.say("tell me when SQLite is on the front page")
    assert "Alerts: about SQLite, at most" in said.text.replace("<b>", "").replace("</b>", "")


async def test_an_invalid_mute_is_reported_and_the_others_are_added(talk: Talk) -> None:
    await talk.onboarded()
    [muted] = await talk.say("/mute crypto, 🪙")
    assert "“🪙” cannot be muted" in muted.text and "Muted: crypto." in muted.text
    await talk.say("/settings muted")
    [unmuted] = await talk.say("✖ crypto")
    assert "Nothing is muted" in unmuted.text


async def test_a_mistyped_word_for_alerts_can_be_removed_with_a_tap(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/settings alerts")
    [page] = await talk.say("sqlit")
    assert "Did you mean “SQLite” instead of “sqlit”?" in page.text
    [topics] = await talk.say("/topics")
    assert "sqlit" not in topics.text
    await shown(talk, page, page.press("🔔 sqlit"))
    assert await talk.pool.fetchval("SELECT count(*) FROM interests") == 0
    [cancelled] = await talk.say("/cancel")
    assert cancelled.text == "Cancelled."


async def test_words_for_alerts_choose_nothing_for_digests(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/settings alerts zig")
    async with talk.pool.acquire() as connection:
        taste = (await tastes.load_tastes(connection, [PERSON]))[PERSON]
    assert (taste.interests, taste.alert_words) == ((), ("zig",))


async def test_summaries_exist_in_more_languages_than_the_interface(
    database: Pool, telegram_address: str
) -> None:
    api = BotApi(TOKEN, telegram_address)
    talk = Talk(database, settings(openai_api_key="key", summary_languages="en,de,fr"), api)
    await talk.onboarded()
    [page] = await talk.say("/settings summaries")
    assert {"✓ English", "Deutsch", "Français"} == set(page.buttons) - {"‹ Back"}
    [done] = await talk.say("french")
    assert "Français" in done.text and (await talk.reader()).summary_language == "fr"
    [wrong] = await talk.say("/settings summaries español")
    assert "I write them in English, Deutsch, Français" in wrong.text
    assert (await talk.press_data("set:summaries:es"))[-1].method == "answerCallbackQuery"
    assert (await talk.reader()).summary_language == "fr"
    await api.close()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "/settings hora 8 de la tarde"),
        ("de", "/settings Uhrzeit 20 Uhr"),
        ("es", "/settings hour: 20h"),
    ],
)
async def test_a_setting_has_the_name_of_its_button(talk: Talk, language: str, words: str) -> None:
    await talk.onboarded(language=language)
    await talk.say(words)
    assert (await talk.reader()).digest_time == time(20)


async def test_a_zone_that_is_set_in_one_line_is_named(talk: Talk) -> None:
    await talk.onboarded()
    [done] = await talk.say("/settings zone springfield")
    assert "Springfield, Missouri (America/Chicago)" in done.text


@pytest.mark.parametrize("name", ["days", "hour"])
@pytest.mark.parametrize("asked", [False, True])
async def test_days_and_time_are_set_together(talk: Talk, name: str, asked: bool) -> None:
    await talk.onboarded()
    if asked:
        await talk.say(f"/settings {name}")
    [said] = await talk.say("weekdays at 6" if asked else f"/settings {name} weekdays at 6")
    reader = await talk.reader()
    assert reader.digest_days == (1, 2, 3, 4, 5) and reader.digest_time == time(6)
    assert "Monday to Friday" in said.text and "6:00" in said.text and reader.awaiting is None


async def test_what_is_typed_with_the_page_of_mutes_is_muted(talk: Talk) -> None:
    await talk.onboarded()
    [said] = await talk.say("/settings muted crypto, example.com")
    assert "Muted: crypto, example.com." in said.text


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("en", "weekly on Sunday 18:30", "Weekly digest: Sundays at 18:30."),
        ("en", "weekly digest: Sunday evening at 6:30", "Weekly digest: Sundays at 18:30."),
        ("de", "Wochenausgabe sonntags um 18:30", "Wochenausgabe: sonntags um 18:30 Uhr."),
        ("de", "wöchentlich am Sonntag um 18:30 Uhr", "Wochenausgabe: sonntags um 18:30 Uhr."),
        ("es", "boletín semanal los domingos a las 18:30", "los domingos a las 18:30."),
        ("es", "semanal: domingo a las seis y media de la tarde", "los domingos a las 18:30."),
    ],
)
@pytest.mark.parametrize("way", ["page", "command", "chat"])
async def test_the_weekly_digest_has_the_day_and_time_that_are_typed(
    talk: Talk, language: str, typed: str, shown: str, way: str
) -> None:
    await talk.onboarded(language=language, digest_time=time(7))
    if way == "page":
        await talk.say("/settings weekly")
    [said] = await talk.say(f"/settings {typed}" if way == "command" else typed)
    reader = await talk.reader()
    assert (reader.weekly_day, reader.weekly_at, reader.digest_time) == (7, time(18, 30), time(7))
    assert said.text.startswith("✅") and shown in TAG.sub("", said.text)
    assert reader.next_weekly_at is not None
    assert (reader.next_weekly_at.isoweekday(), reader.next_weekly_at.hour) == (7, 18)


async def test_the_time_of_the_weekly_digest_is_typed_alone_once_it_has_a_day(talk: Talk) -> None:
    await talk.onboarded()
    [wrong] = await talk.say("/settings weekly 18:30")
    assert "neither a day of the week" in wrong.text and "Sunday 18:00" in wrong.text
    await talk.say("/settings weekly sunday")
    [said] = await talk.say("/settings weekly 18:30")
    assert "Sundays at 18:30" in said.text
    [said] = await talk.say("/settings weekly friday")
    assert "Fridays at 18:30" in said.text


@pytest.mark.parametrize(
    ("typed", "column", "value"),
    [
        ("time 9", "digest_time", time(9)),
        ("🔢 Length: up to 12 stories", "story_count", 12),
        ("Days: weekends", "digest_days", (6, 7)),
        ("⭐ Points: stories from 50 points", "minimum_points", 50),
        ("language: Deutsch", "language", "de"),
    ],
)
async def test_a_setting_is_typed_with_its_name(
    talk: Talk, typed: str, column: str, value: Any
) -> None:
    await talk.onboarded()
    [said] = await talk.say(typed)
    assert said.text.startswith("✅") and (await state(talk))[column] == value


async def test_a_zone_that_is_typed_with_its_name_is_confirmed(talk: Talk) -> None:
    await talk.onboarded(timezone="UTC")
    [asked] = await talk.say("time zone Springfield, Illinois")
    assert "Springfield, Illinois" in asked.text and (await talk.reader()).timezone == "UTC"
    await talk.say("yes")
    assert (await talk.reader()).timezone == "America/Chicago"


@pytest.mark.parametrize(
    "typed", ["language models are great", "days gone by", "weekly?", "points of view", "style"]
)
async def test_other_words_with_the_name_of_a_setting_change_nothing(
    talk: Talk, typed: str
) -> None:
    await talk.onboarded()
    before = await state(talk)
    await talk.say(typed)
    assert await state(talk) == before


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_button_a_line_and_a_page_have_the_same_name(
    talk_with_model: Talk, language: str
) -> None:
    talk = talk_with_model
    await talk.onboarded(language=language)
    [overview] = await talk.say("/settings")
    lines = TAG.sub("", overview.text).splitlines()
    for label, data in overview.buttons.items():
        if data == "set:close":
            continue
        assert [line for line in lines if line.startswith(label)], f"{label} has no line"
        for muted in "", "/mute crypto":
            if muted:
                await talk.say(muted)
            opened = await talk.press_data(data)
            page = next(one.text for one in opened if one.method == "editMessageText")
            assert TAG.sub("", page).startswith(label), page
