"""/topics: what is added, what no story speaks of, and what may be mistyped."""

from __future__ import annotations

import pytest

from app.digests.matches import MAX_PHRASES
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import Talk


@pytest.fixture
async def stories(talk: Talk) -> None:
    told = "It was written with a new kind of beehive in mind."
    known = [candidate("Postgres 19 is out"), candidate("On being late", sentences=told)]
    await add_stories(talk.pool, *known)
    await talk.pool.execute("UPDATE stories SET first_seen_at = now() - interval '20 days'")


@pytest.mark.usefixtures("stories")
async def test_a_topic_without_recent_stories_is_reported(talk: Talk) -> None:
    await talk.onboarded()
    [added] = await talk.say("/topics Datenbanken, beehives, underwater hockey, falconry")
    first, second = added.text.split("\n")
    assert "Databases" in first and "falconry" in first, "a topic has one name"
    assert "underwater hockey, falconry" in second
    assert "Datenbanken" not in second and "beehives" not in second
    await talk.pool.execute("UPDATE stories SET first_seen_at = now() - interval '40 days'")
    await add_stories(talk.pool, candidate("Falconry today"))
    await talk.pool.execute("UPDATE stories SET first_seen_at = now() WHERE title LIKE 'Falc%'")
    [added] = await talk.say("/topics beehives, falconry")
    assert "beehives" in added.text.split("\n")[1] and "falconry" not in added.text.split("\n")[1]


async def test_without_stories_no_topic_is_reported_as_missing(talk: Talk) -> None:
    await talk.onboarded()
    [added] = await talk.say("/topics falconry")
    assert "\n" not in added.text


@pytest.mark.usefixtures("stories")
async def test_a_mistyped_topic_is_asked_about(talk: Talk) -> None:
    await talk.onboarded()
    [asked] = await talk.say("/topics machine learnng, SQLite")
    assert "Did you mean “machine learning”" in asked.text
    assert list(asked.buttons) == ["machine learning"]
    answers = await talk.press(asked, "machine learning")
    changed = next(one for one in answers if one.method == "editMessageText")
    assert "machine learning" in changed.text
    [listed] = await talk.say("/topics")
    assert "machine learning" in listed.text and "learnng" not in listed.text
    await talk.press(asked, "machine learning")  # pressed again
    [again] = await talk.say("/topics")
    assert again.text == listed.text


@pytest.mark.usefixtures("stories")
async def test_topics_with_stories_are_not_corrected(talk: Talk) -> None:
    await add_stories(talk.pool, candidate("Pythom 1.0, a new tool"))
    await talk.pool.execute("UPDATE stories SET first_seen_at = now()")
    await talk.onboarded()
    [added] = await talk.say("/topics Pythom")
    assert not added.buttons and "\n" not in added.text


@pytest.mark.usefixtures("stories")
async def test_common_words_are_not_reported_as_missing(talk: Talk) -> None:
    await talk.onboarded()
    [added] = await talk.say("/topics the who, R")
    assert "the who" not in added.text.partition("\n")[2]


@pytest.mark.usefixtures("stories")
async def test_only_the_first_of_many_topics_are_looked_up(talk: Talk) -> None:
    await talk.onboarded()
    [added] = await talk.say("/topics " + ", ".join(f"qqqq{n}x" for n in range(40)))
    assert f"qqqq{MAX_PHRASES - 1}x" in added.text.partition("\n")[2]
    assert f"qqqq{MAX_PHRASES}x" not in added.text.partition("\n")[2]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "remove rust"), ("de", "entferne Rust"), ("es", "quitar rust"), ("es", "- rust")],
)
async def test_topics_are_removed_in_the_readers_words(
    talk: Talk, language: str, words: str
) -> None:
    await talk.onboarded(language=language)
    await talk.say("/topics rust, sqlite")
    await talk.say(f"/topics {words}")
    [listed] = await talk.say("/topics")
    assert listed.text.partition("\n")[0].endswith(": sqlite.")


async def test_topics_are_typed_one_after_the_other(talk: Talk) -> None:
    await talk.onboarded()
    await talk.say("/topics")
    for topic in "compilers", "zig":
        [added] = await talk.say(topic)
        assert f"Added: {topic}." in added.text
    [listed] = await talk.say("Done")
    assert "compilers, zig" in listed.text
    [hint] = await talk.say("nim")
    assert "Added" not in hint.text


@pytest.mark.parametrize("words", ["no", "no idea, surprise me", "nichts", "nada"])
async def test_who_names_no_topic_is_told_what_comes(talk: Talk, words: str) -> None:
    await talk.onboarded()
    await talk.say("/topics")
    [said] = await talk.say(words)
    assert said.text.startswith("No interests have been named yet")
    assert (await talk.reader()).awaiting is None


@pytest.mark.parametrize("words", ["thanks!", "What does it cost?", "👍"])
async def test_small_talk_is_not_a_topic(talk: Talk, words: str) -> None:
    await talk.onboarded()
    await talk.say("/topics")
    [hint] = await talk.say(words)
    assert "Added" not in hint.text
    assert await talk.pool.fetchval("SELECT count(*) FROM interests") == 0


@pytest.mark.parametrize(
    ("typed", "topics"),
    [
        ("I like rust and databases", "Rust, Databases"),
        ("ich mag Rust und Datenbanken", "Rust, Databases"),
        ("me gusta rust y las bases de datos", "Rust, Databases"),
        ("stories about falconry, please", "falconry"),
        ("Dungeons and Dragons", "Dungeons and Dragons"),
        ("No Man’s Sky", "No Man’s Sky"),
    ],
)
async def test_topics_are_named_in_a_sentence(talk: Talk, typed: str, topics: str) -> None:
    await talk.onboarded()
    [added] = await talk.say(f"/topics {typed}")
    assert added.text.split("\n")[0] == f"Added: {topics}."


@pytest.mark.parametrize(
    ("typed", "added"),
    [
        ("climate change, but no politics", "Added: climate change.\n"),
        ("Klimawandel, aber keine Politik", "Added: Klimawandel.\n"),
        ("no politics", ""),
    ],
)
async def test_what_is_not_wanted_is_not_added(talk: Talk, typed: str, added: str) -> None:
    await talk.onboarded()
    [said] = await talk.say(f"/topics {typed}")
    assert said.text.startswith(f"{added}To leave out stories about ")
    assert "/mute" in said.text


async def test_typed_words_cannot_turn_the_direction_of_the_answer(talk: Talk) -> None:
    await talk.onboarded()
    [added] = await talk.say("/topics \u202egninnur\u2066, שלום")
    assert added.text == "Added: gninnur, שלום."


@pytest.mark.parametrize("asked", ["/start", "/topics"])
async def test_a_long_text_is_an_answer_as_well(talk: Talk, asked: str) -> None:
    if asked == "/topics":
        await talk.onboarded()
    await talk.say(asked)
    for typed in "word " * 800, ", ".join(f"topic {number}" for number in range(30)):
        [said] = await talk.say(typed)
        assert "Added: " in said.text
