"""The four questions may be answered by typing as well as by tapping."""

from __future__ import annotations

from datetime import time

import pytest

from app.database.connection import Pool
from app.wording import text
from tests.telegram.chat import Talk


async def test_every_question_typed(talk_with_model: Talk) -> None:
    talk = talk_with_model
    await talk.say("/start")
    await talk.say("sqlite, rust")
    await talk.say("that’s all")
    [zone] = await talk.say("Kathmandu")
    assert "Asia/Kathmandu" in zone.text
    hour, _ = await talk.press(zone, "Yes")
    assert "What time would you like your digest?" in hour.text
    [wrong] = await talk.say("25:99 <b>")
    assert "I don’t understand “25:99 &lt;b&gt;” as a time" in wrong.text
    assert wrong.buttons == hour.buttons
    [style] = await talk.say("7:30 pm")
    [wrong] = await talk.say("poetic")
    assert "no style called “poetic”" in wrong.text
    assert wrong.buttons == style.buttons
    [done] = await talk.say("Concise")
    assert "19:30" in done.text
    reader = await talk.reader()
    assert (reader.digest_time, reader.style) == (time(19, 30), "concise")
    assert (reader.timezone, reader.onboarding) == ("Asia/Kathmandu", None)


async def test_without_a_model_no_style_is_asked_for_or_confirmed(talk: Talk) -> None:
    await talk.say("/start")
    await talk.say("sqlite")
    await talk.say("done")
    [hour] = await talk.say("yes")
    done, _ = await talk.press(hour, "7:00")
    for said in hour, done:
        assert "style" not in said.text.casefold()
        assert not any("technical" in label for label in said.buttons)
    assert "<b>7:00" in done.text
    reader = await talk.reader()
    assert reader.onboarding is None and reader.digest_wanted_at is not None


async def test_unfinished_onboarding_does_not_contradict_settings(talk: Talk) -> None:
    await talk.say("/start")
    await talk.say("/digest")
    [overview] = await talk.say("/settings")
    assert "No digest is planned until /start is finished." in overview.text


@pytest.mark.parametrize("agreed", ["Yes!", "ok", "Ja", "passt"])
async def test_a_typed_yes_is_about_the_zone_that_was_shown(talk: Talk, agreed: str) -> None:
    await talk.say("/start")
    await talk.say("sqlite")
    await talk.say("done")
    await talk.say("Kathmandu")
    [hour] = await talk.say(agreed)
    assert "What time would you like your digest?" in hour.text
    reader = await talk.reader()
    assert (reader.timezone, reader.onboarding) == ("Asia/Kathmandu", "hour")


async def test_a_removed_zone_is_asked_about(talk: Talk, database: Pool) -> None:
    await talk.say("/start")
    await database.execute("UPDATE readers SET timezone = 'Europe/Atlantis'")
    await talk.say("sqlite")
    [zone] = await talk.say("done")
    assert "Europe/Atlantis" in zone.text


@pytest.mark.parametrize(
    ("language", "done"), [("en", "Done"), ("de", "Fertig"), ("es", "Listo"), ("en", "ok")]
)
async def test_topics_are_typed_until_the_reader_is_done(
    talk: Talk, language: str, done: str
) -> None:
    await talk.say("/start", language=language)
    for topic in "sqlite", "compilers, zig", "philately":
        [added] = await talk.say(topic)
        assert topic in added.text and text("button.done", language) in added.buttons
    assert (await talk.reader()).onboarding == "topics"
    [hint] = await talk.say("hi")
    assert "hi" not in await interests(talk)
    assert hint.text == text("help.hint", language)
    await talk.say(done)
    assert (await talk.reader()).onboarding == "zone"
    assert await interests(talk) == {"sqlite", "compilers", "zig", "philately"}


async def test_a_button_below_typed_topics_ends_the_question(talk: Talk) -> None:
    await talk.say("/start")
    [added] = await talk.say("sqlite")
    [zone, *_] = await talk.press(added, "Done")
    assert "UTC" in zone.text


@pytest.mark.parametrize(
    ("language", "typed", "named"),
    [
        ("en", "springfield, illinois", "Springfield, Illinois"),
        ("en", "Austin TX", "Austin, Texas"),
        ("de", "Springfield", "Springfield, Missouri"),
        ("de", "Wien", "Wien, Österreich"),
        ("es", "Berlin Germany", "Berlin, Alemania"),
        ("en", "Berln", "Berlin, Germany"),
    ],
)
async def test_a_place_is_named_in_its_question(
    talk: Talk, language: str, typed: str, named: str
) -> None:
    await talk.say("/start", language=language)
    await talk.say(text("button.done", language))
    [asked] = await talk.say(typed)
    assert asked.text.startswith(f"<b>{named}</b>: ")
    [city] = await talk.say(text("button.no", language))
    assert city.text == text("start.zone_city", language)
    await talk.say(typed)
    await talk.say(text("button.yes", language))
    assert (await talk.reader()).onboarding == "hour"


async def interests(talk: Talk) -> set[str]:
    rows = await talk.pool.fetch("SELECT phrase FROM interests")
    return {row["phrase"] for row in rows}


@pytest.mark.parametrize("words", ["stop sending me this", "hör auf", "déjame en paz"])
async def test_who_wants_no_messages_is_not_asked_on(talk: Talk, words: str) -> None:
    await talk.say("/start")
    for said in "rust", "done", "yes":
        await talk.say(said)
        [answer] = await talk.say(words)
        assert "Did you mean /pause?" in answer.text


@pytest.mark.parametrize(
    ("language", "typed", "column", "value"),
    [
        ("en", "time 9", "digest_time", time(9)),
        ("en", "language: Deutsch", "language", "de"),
        ("en", "weekly sunday 7", "weekly_day", 7),
        ("en", "zone Kathmandu", "timezone", "Asia/Kathmandu"),
        ("en", "stories=5", "story_count", 5),
        ("de", "Uhrzeit 9", "digest_time", time(9)),
        ("de", "Wochenausgabe Sonntag 7", "weekly_time", time(7)),
        ("es", "hora 9", "digest_time", time(9)),
        ("es", "historias: 5", "story_count", 5),
    ],
)
@pytest.mark.parametrize("asked", ["start", "topics"])
async def test_a_setting_that_is_named_is_no_interest(
    talk: Talk, language: str, typed: str, column: str, value: object, asked: str
) -> None:
    if asked == "topics":
        await talk.onboarded(language=language)
    await talk.say(f"/{asked}", language=language)
    before = await talk.reader()
    [said] = await talk.say(typed)
    reader = await talk.reader()
    assert said.text.startswith("✅") and getattr(reader, column) == value
    assert (reader.onboarding, reader.awaiting) == (before.onboarding, before.awaiting)
    if asked == "start":
        assert text("start.topics", reader.language) in said.text and "Rust" in said.buttons
    await talk.say("sqlite")
    assert await interests(talk) == {"sqlite"}


@pytest.mark.parametrize("typed", ["hour 25", "points: many", "stories 50"])
async def test_a_mistaken_value_is_no_interest(talk: Talk, typed: str) -> None:
    await talk.say("/start")
    [said] = await talk.say(typed)
    assert "/settings" in said.text and text("start.topics", "en") in said.text
    assert await interests(talk) == set()


@pytest.mark.parametrize(
    "typed", ["time travel", "time series databases", "language models", "space", "style transfer"]
)
async def test_a_topic_may_begin_with_the_name_of_a_setting(talk: Talk, typed: str) -> None:
    await talk.say("/start")
    await talk.say(typed)
    assert await interests(talk) == {typed}


NO_IDEA = [
    *("no idea, surprise me", "idk", "skip", "done", "Not sure, you choose!", "I don’t care"),
    *("tbh just surprise me", "whatever you think", "nothing in particular", "no", "Everything."),
    *("keine Ahnung, überrasch mich", "weiß nicht", "überspringen", "such du aus", "mir egal"),
    *("ni idea, sorpréndeme", "no sé", "saltar", "elige tú", "lo que quieras", "me da igual"),
]


@pytest.mark.parametrize("typed", NO_IDEA)
async def test_who_has_no_idea_skips_the_question(talk: Talk, typed: str) -> None:
    await talk.say("/start")
    [said] = await talk.say(typed)
    assert said.text.startswith(text("start.popular", "en"))
    assert (await talk.reader()).onboarding == "zone" and await interests(talk) == set()


@pytest.mark.parametrize("typed", ["idk", "skip", "mir egal", "lo que quieras"])
async def test_any_question_is_skipped(talk_with_model: Talk, typed: str) -> None:
    await talk_with_model.say("/start")
    for _ in range(4):
        await talk_with_model.say(typed)
    reader = await talk_with_model.reader()
    assert (reader.onboarding, reader.timezone) == (None, "UTC")
    assert (reader.digest_time, reader.style) == (time(8), "basic")


async def test_the_general_best_is_not_promised_to_who_named_topics(talk: Talk) -> None:
    await talk.say("/start")
    await talk.say("sqlite")
    [said] = await talk.say("that’s all, thanks")
    assert text("start.popular", "en") not in said.text


@pytest.mark.parametrize("typed", ["🚀", "???", "👍", "—", "🏳️‍🌈 🏳️‍🌈"])
@pytest.mark.parametrize("language", ["en", "de", "es"])
async def test_symbols_are_no_topics(talk: Talk, language: str, typed: str) -> None:
    await talk.say("/start", language=language)
    [said] = await talk.say(typed)
    assert said.text == text("start.topics_unknown", language)
    assert await interests(talk) == set() and (await talk.reader()).onboarding == "topics"


@pytest.mark.parametrize("asked", ["topics", "zone", "hour", "style"])
async def test_a_setting_may_be_typed_at_every_question(talk_with_model: Talk, asked: str) -> None:
    talk = talk_with_model
    await talk.say("/start")
    for said in ("done", "yes", "8")[: ("topics", "zone", "hour", "style").index(asked)]:
        await talk.say(said)
    [said] = await talk.say("points 50")
    reader = await talk.reader()
    assert said.text.startswith("✅") and (reader.minimum_points, reader.onboarding) == (50, asked)
    assert said.buttons


async def test_the_answer_may_have_the_name_of_its_setting(talk_with_model: Talk) -> None:
    for said in "/start", "done", "city: Kathmandu", "yes", "time 9", "style short":
        await talk_with_model.say(said)
    reader = await talk_with_model.reader()
    assert (reader.timezone, reader.digest_time) == ("Asia/Kathmandu", time(9))
    assert (reader.style, reader.onboarding) == ("concise", None)


async def test_a_city_may_begin_like_the_setting(talk: Talk) -> None:
    for said in "/start", "done", "Ciudad de México":
        await talk.say(said)
    assert (await talk.reader()).timezone == "America/Mexico_City"
