"""The four questions may be answered by typing as well as by tapping."""

from __future__ import annotations

from datetime import time

import pytest

from app.database.connection import Pool
from tests.telegram.chat import Talk


async def test_every_question_typed(talk: Talk) -> None:
    await talk.say("/start")
    await talk.say("sqlite, rust")
    [zone] = await talk.say("Kathmandu")
    assert "Asia/Kathmandu" in zone.text
    hour, _ = await talk.press(zone, "Yes")
    assert "When shall the digest come?" in hour.text
    [wrong] = await talk.say("25:99 <b>")
    assert "“25:99 &lt;b&gt;” is no time" in wrong.text
    assert wrong.buttons == hour.buttons
    [style] = await talk.say("7:30 pm")
    [wrong] = await talk.say("poetic")
    assert "no style “poetic”" in wrong.text
    assert wrong.buttons == style.buttons
    [done] = await talk.say("Concise")
    assert "19:30" in done.text
    reader = await talk.reader()
    assert (reader.digest_time, reader.style) == (time(19, 30), "concise")
    assert (reader.timezone, reader.onboarding) == ("Asia/Kathmandu", None)


@pytest.mark.parametrize("agreed", ["Yes!", "ok", "Ja", "passt"])
async def test_a_typed_yes_is_about_the_zone_that_was_shown(talk: Talk, agreed: str) -> None:
    await talk.say("/start")
    await talk.say("sqlite")
    await talk.say("Kathmandu")
    [hour] = await talk.say(agreed)
    assert "When shall the digest come?" in hour.text
    reader = await talk.reader()
    assert (reader.timezone, reader.onboarding) == ("Asia/Kathmandu", "hour")


async def test_a_zone_that_is_no_more_is_asked_about(talk: Talk, database: Pool) -> None:
    await talk.say("/start")
    await database.execute("UPDATE readers SET timezone = 'Europe/Atlantis'")
    _, zone = await talk.say("sqlite")
    assert "Europe/Atlantis" in zone.text
