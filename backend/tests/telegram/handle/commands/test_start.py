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
