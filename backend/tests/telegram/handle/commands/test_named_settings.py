"""Settings that are typed with their names: changed, or explained, and told from questions."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from app.telegram.handle.admission import AdmissionControl
from app.telegram.handle.commands.choices import CHOICES
from app.wording import LANGUAGES, text
from app.wording.typed_words import typed_words
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import Talk, settings

every_language = pytest.mark.parametrize("language", LANGUAGES)
SETTINGS = [name for name in CHOICES if name != "alerts_per_day"]


def names(setting: str, language: str) -> list[str]:
    """What a setting is called on its button and by people."""
    label = text(f"settings.button_{setting}", language)
    return [label, *sorted(typed_words(language).settings[setting])]


def mistaken(setting: str) -> list[str]:
    """What may follow a setting's name and is no value of it."""
    numbers = [] if setting in ("style", "language", "summaries") else [" 99999", ": 99999."]
    words = [] if setting == "alerts" else [" qqqq", ": qqqq zzzz", "=qqqq"]
    return [*words, *numbers]


async def changes(talk: Talk) -> dict[str, Any]:
    reader = await talk.reader()
    return {choice.column: getattr(reader, choice.column) for choice in CHOICES.values()}


@pytest.fixture
def patient(talk_with_model: Talk) -> Talk:
    """A bot to which any number of messages may be sent: between two of them an hour goes by."""
    hours = AdmissionControl(count(0, 3600).__next__)
    known = settings(openai_api_key="key")
    return Talk(talk_with_model.pool, known, talk_with_model.api, admission=hours)


async def in_conversation(talk: Talk, **values: Any) -> int:
    """A reader who is asking about a story."""
    await talk.onboarded(**values)
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    await talk.press_data(f"ask:{story.id}")
    return story.id


async def questions(talk: Talk) -> int:
    return int(await talk.pool.fetchval("SELECT count(*) FROM questions"))


@every_language
@pytest.mark.parametrize("setting", SETTINGS)
async def test_a_mistaken_value_is_explained_and_nothing_is_changed(
    patient: Talk, language: str, setting: str
) -> None:
    talk = patient
    await in_conversation(talk, language=language)
    before = await changes(talk)
    how = text(
        "settings.write",
        language,
        command=f"/settings {setting}",
        example=text(f"example.{setting}", language),
    )
    for name in names(setting, language):
        for value in mistaken(setting):
            await talk.pool.execute("DELETE FROM outbox")
            typed = f"{name}{'' if value[0] in ':=' else ' '}{value}"
            [said] = await talk.say(typed)
            assert how in said.text, f"{typed}: {said.text}"
            assert (await talk.reader()).awaiting is None, typed
    assert await changes(talk) == before
    assert await questions(talk) == 0


@every_language
@pytest.mark.parametrize("setting", SETTINGS)
async def test_a_question_may_begin_with_the_name_of_a_setting(
    patient: Talk, language: str, setting: str
) -> None:
    talk = patient
    story_id = await in_conversation(talk, language=language)
    before = await changes(talk)
    for name in names(setting, language):
        for rest in "qqqq?", ": qqqq?", "qqqq zzzz vvvv":
            await talk.pool.execute("DELETE FROM outbox")
            await talk.pool.execute("DELETE FROM questions")
            await talk.pool.execute("DELETE FROM question_counts")
            await talk.press_data(f"ask:{story_id}")
            await talk.say(f"{name} {rest}")
            assert await questions(talk) == 1, f"{name} {rest}"
    assert await changes(talk) == before


@pytest.mark.parametrize(
    "typed",
    [
        *("time complexity of this?", "points of view?", "language models: how do they work"),
        *("look closer", "length of the study", "days gone by", "style of this article"),
    ],
)
async def test_other_words_are_a_question(talk_with_model: Talk, typed: str) -> None:
    await in_conversation(talk_with_model)
    before = await changes(talk_with_model)
    await talk_with_model.say(typed)
    assert await questions(talk_with_model) == 1
    assert await changes(talk_with_model) == before


@pytest.mark.parametrize(
    ("typed", "column", "value"),
    [
        ("alerts 400", "alert_points", 400),
        ("alerts at most 2 a day", "alerts_per_day", 2),
        ("Alarme: aus", "alert_points", 0),
        ("historias 5", "story_count", 5),
        ("stories=5", "story_count", 5),
    ],
)
async def test_a_setting_is_changed_by_its_name(
    talk_with_model: Talk, typed: str, column: str, value: int
) -> None:
    await in_conversation(talk_with_model, alert_points=300)
    [said] = await talk_with_model.say(typed)
    assert said.text.startswith("✅")
    assert (await changes(talk_with_model))[column] == value


async def test_what_is_muted_or_looked_for_stands_behind_a_colon(talk: Talk) -> None:
    await in_conversation(talk)
    [muted] = await talk.say("muted: crypto")
    assert "Muted: crypto." in muted.text
    [alerts] = await talk.say("alerts: sqlite")
    assert "about sqlite" in alerts.text
    [unknown] = await talk.say("look: purple")
    assert "no look called “purple”" in unknown.text


async def test_without_a_model_its_settings_are_said_to_be_missing(talk: Talk) -> None:
    await in_conversation(talk)
    for typed in "style short", "style: poetic":
        [said] = await talk.say(typed)
        assert said.text == text("settings.no_styles", "en")
