"""Stories found again, and what opinions teach: /saved, /search, /why, /memory, /stats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.digests.make import Rounds, make_digests
from app.readers.store import Reader
from app.telegram.exports.worker import DataExportWorker
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import GROUP, PERSON, Said, Talk


@pytest.fixture
async def stories(talk: Talk) -> list[int]:
    """Seven stories; the reader had the first five in a digest, which is in the chat."""
    known = [candidate(f"Rust & story {n}", points=200 - n, sentences="All.") for n in range(7)]
    await add_stories(talk.pool, *known)
    await talk.pool.execute("UPDATE stories SET first_seen_at = now(), posted_at = now()")
    return [one.id for one in known]


async def digest(talk: Talk, reader: Reader) -> Said:
    async with talk.pool.acquire() as connection:
        now = await connection.fetchval("SELECT now()")
        stories = await Rounds().present(connection, "asked", now)
        made = (await make_digests(connection, "asked", [reader], stories, now))[reader.chat_id]
        row = await connection.fetchrow(
            """
            INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable, digest_id)
            VALUES ('digest', $1, 'sendMessage', '{}', 2, FALSE, $2) RETURNING id
            """,
            reader.chat_id,
            made.id,
        )
    await talk.read()
    buttons = {label: data for row in made.messages[0].buttons for label, data in row}
    return Said("sendMessage", made.messages[0].html, {}, row["id"], buttons)


def replying_to(said: Said) -> dict[str, Any]:
    bot = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
    chat = {"id": PERSON, "type": "private"}
    return {"message_id": said.message_id, "date": 1, "chat": chat, "from": bot, "text": "…"}


def edited(answers: list[Said]) -> Said:
    assert {one.method for one in answers} == {"editMessageText", "answerCallbackQuery"}
    return next(one for one in answers if one.method == "editMessageText")


async def test_nothing_saved_yet(talk: Talk) -> None:
    await talk.onboarded()
    for command in "/saved", "/saved markdown":
        [said] = await talk.say(command)
        assert "No stories are saved yet" in said.text
    [usage] = await talk.say("/saved everything")
    assert "/saved markdown" in usage.text


async def test_saved_stories_are_paged_removed_and_opened_in_place(
    talk: Talk, stories: list[int]
) -> None:
    await talk.onboarded()
    for story_id in stories:
        await talk.press_data(f"save:{story_id}")
    [first] = await talk.say("/saved")
    assert "7 saved stories" in first.text
    assert "Rust &amp; story 6" in first.text and "Rust &amp; story 1" not in first.text
    second = edited(await talk.press(first, "2 ›"))
    assert "<b>6. " in second.text and "Rust &amp; story 0" in second.text
    again = edited(await talk.press(second, "✖ 7"))
    assert "6 saved stories" in again.text and "story 0" not in again.text
    last = edited(await talk.press(again, "✖ 6"))
    assert "<b>1. " in last.text and "2 ›" not in last.buttons
    card = (await talk.press(last, "3"))[0]
    assert card.method == "sendMessage" and "Rust &amp; story 4" in card.text


@pytest.mark.parametrize(
    ("name", "ending", "has"),
    [
        ("markdown", ".md", "- [Rust & story 3](https://"),
        ("bookmarks", ".html", '<DT><A HREF="https://'),
    ],
)
async def test_saved_stories_are_exported(
    talk: Talk,
    worker: DataExportWorker,
    data_dir: Path,
    stories: list[int],
    name: str,
    ending: str,
    has: str,
) -> None:
    await talk.onboarded()
    await talk.press_data(f"save:{stories[3]}")
    [page] = await talk.say("/saved")
    label = "Markdown" if name == "markdown" else "Bookmarks"
    for asked in await talk.say(f"/saved {name}"), await talk.press(page, label):
        assert "arrive here in a moment" in asked[0].text
        assert await worker.step() == 1
        [file] = await talk.read()
        document = file.parameters["document"]
        assert document["filename"].endswith(ending)
        content = (data_dir / "outgoing" / document["file"]).read_text()
        assert has in content
        assert f"item?id={stories[3]}" in content


async def test_a_search_finds_what_was_seen_and_turns_pages(talk: Talk, stories: list[int]) -> None:
    reader = await talk.onboarded(story_count=6)
    await digest(talk, reader)
    [found] = await talk.say("/search  RUST   story")
    assert "Rust &amp; story 0" in found.text
    assert list(found.buttons)[-1] == "2 ›"
    second = edited(await talk.press(found, "2 ›"))
    assert "<b>6. " in second.text and "‹ 1" in second.buttons
    [none] = await talk.say("/search <b>cobol</b>")
    assert "&lt;b&gt;cobol" in none.text
    await talk.onboarded(555)
    [other] = await talk.say("/search rust", 555)
    assert "None of the stories" in other.text


@pytest.mark.parametrize("words", ["", "   ", "x" * 201])
async def test_a_search_for_nothing_or_too_much_says_how(talk: Talk, words: str) -> None:
    await talk.onboarded()
    [said] = await talk.say(f"/search {words}")
    assert "/search sqlite" in said.text or "200" in said.text


@pytest.mark.parametrize(
    "words", ["'\"", "a & b | !c", "%_\\", "(((", "\U0001f600" * 30, "rust " * 30, "-", "::"]
)
async def test_any_words_can_be_searched(talk: Talk, stories: list[int], words: str) -> None:
    await digest(talk, await talk.onboarded())
    assert len(await talk.say(f"/search {words}")) == 1


@pytest.mark.parametrize(
    "data",
    [
        "find:",
        "find:99999:rust",
        "find:x:rust",
        "saved:page:-1",
        "saved:drop:x:y",
        "saved:file:exe",
        "memory:forget:00",
        "memory:",
    ],
)
async def test_forged_pages_are_answered(talk: Talk, data: str) -> None:
    await talk.onboarded()
    answers = await talk.press_data(data)
    assert "answerCallbackQuery" in [one.method for one in answers]


async def test_why_by_reply_and_by_number(talk: Talk, stories: list[int]) -> None:
    reader = await talk.onboarded(story_count=5)
    sent = await digest(talk, reader)
    [by_number] = await talk.say("/why 3", reply_to_message=replying_to(sent))
    [of_the_last] = await talk.say("/why #3")
    assert by_number.text == of_the_last.text
    card = (await talk.press(sent, "3"))[0]
    [by_reply] = await talk.say("/why", reply_to_message=replying_to(card))
    assert by_reply.text == of_the_last.text
    for command in "/why", "/why cheese":
        [usage] = await talk.say(command)
        assert "/why 3" in usage.text


async def test_a_memory_is_shown_with_reasons_and_forgotten_piece_by_piece(
    talk: Talk, stories: list[int]
) -> None:
    await talk.onboarded()
    [empty] = await talk.say("/memory")
    assert "haven’t learned anything" in empty.text
    await talk.press_data(f"like:{stories[0]}")
    [shown] = await talk.say("/memory view")
    assert (
        "rust" in shown.text and "</b> – because of 👍 or 🔖 for “Rust &amp; story 0”" in shown.text
    )
    forgotten = edited(await talk.press(shown, "✖ rust"))
    assert "rust" not in forgotten.text.partition("– because")[0]
    [gone] = await talk.say("/memory forget rust")
    assert "anything about “rust”" in gone.text
    [site] = await talk.say("/memory forget SITE1.example")
    assert "site1.example" in site.text.lower()
    paused = edited(await talk.press(shown, "Stop learning"))
    assert "Learning is paused" in paused.text
    assert (await talk.reader()).memory_paused
    [resumed] = await talk.say("/memory resume")
    assert "again" in resumed.text
    [question] = await talk.say("/memory clear")
    cleared = edited(await talk.press(question, "Forget everything"))
    assert "from scratch" in cleared.text
    [usage] = await talk.say("/memory explode")
    assert "/memory forget rust" in usage.text


async def test_statistics_count_what_was_done(talk: Talk, stories: list[int]) -> None:
    reader = await talk.onboarded(story_count=5)
    sent = await digest(talk, reader)
    await talk.press(sent, "1")
    await talk.press_data(f"like:{stories[0]}")
    await talk.press_data(f"save:{stories[1]}")
    # Which story it is about was never told, so it was not asked; and an alert is no digest.
    await talk.say("/ask Why?")
    await talk.pool.execute(
        "INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, 'alert', now()::date)", PERSON
    )
    [said] = await talk.say("/stats")
    for words in (
        "1 digest",
        "5 stories sent",
        "1 story opened",
        "👍 1 · 👎 0",
        "1 saved",
        "0 questions",
        "Favourite sites",
    ):
        assert words in said.text


async def test_topics_are_listed_added_and_removed(talk: Talk) -> None:
    await talk.onboarded()
    [empty] = await talk.say("/topics")
    assert "No interests have been named" in empty.text
    [added] = await talk.say("formal methods, " + "very long " * 5)
    assert "formal methods" in added.text
    [listed] = await talk.say("/topics list")
    assert "✓ formal methods" in listed.buttons
    without = edited(await talk.press(listed, "✓ very long"))
    assert "very long" not in without.text
    [removed] = await talk.say("/topics remove Formal Methods")
    assert "Removed: formal methods" in removed.text
    [unknown] = await talk.say("/topics remove cheese")
    assert "cheese" in unknown.text
    [nothing] = await talk.say("/topics !!!")
    assert "separated by commas" in nothing.text
    [many] = await talk.say("/topics " + ",".join(map(str, range(60))))
    assert "more than 50" in many.text


async def test_an_interest_is_one_however_it_is_written(talk: Talk) -> None:
    await talk.onboarded()
    [listed] = await talk.say("/topics")
    await talk.press(listed, "Rust")
    await talk.say("/topics rust, RUST")
    [listed] = await talk.say("/topics")
    assert [name for name in listed.buttons if name.startswith("✓")] == ["✓ Rust"]
    await talk.say("/topics remove rust")
    await talk.say("/topics rust")
    [listed] = await talk.say("/topics")
    assert "✓ Rust" in listed.buttons
    without = edited(await talk.press(listed, "✓ Rust"))
    assert "No interests have been named" in without.text


def keys(said: Said) -> list[str]:
    return list(said.buttons)


async def test_the_buttons_of_a_card_show_their_state_and_change_in_place(
    talk: Talk, stories: list[int]
) -> None:
    await talk.onboarded()
    [card, _] = await talk.press_data(f"story:{stories[0]}")
    assert keys(card)[:3] == ["🔖 Save", "👍", "👎"]
    saved = edited(await talk.press(card, "🔖 Save"))
    assert saved.message_id == card.message_id
    assert saved.text == card.text
    assert keys(saved)[:3] == ["✓ Saved", "👍", "👎"]
    liked = edited(await talk.press(saved, "👍"))
    assert keys(liked)[:3] == ["✓ Saved", "✓ 👍", "👎"]
    disliked = edited(await talk.press(liked, "👎"))
    assert keys(disliked)[:3] == ["✓ Saved", "👍", "✓ 👎"]
    taken_back = await talk.press(disliked, "✓ 👎")
    assert keys(edited(taken_back))[:3] == ["✓ Saved", "👍", "👎"]
    assert taken_back[0].text == "Taken back."
    # Opened anew it shows the same.
    [again, _] = await talk.press_data(f"story:{stories[0]}")
    assert keys(again)[:3] == ["✓ Saved", "👍", "👎"]


async def test_the_buttons_of_digests_sent_by_earlier_releases_still_work(
    talk: Talk, stories: list[int]
) -> None:
    await talk.onboarded()
    for _ in range(2):  # twice the same opinion is that opinion
        [noted] = await talk.press_data(f"like:{stories[0]}")
        assert noted.text == "Noted: more like this."
    [noted] = await talk.press_data(f"save:{stories[0]}")
    assert "/saved" in noted.text
    [card, _] = await talk.press_data(f"story:{stories[0]}")
    assert keys(card)[:3] == ["✓ Saved", "✓ 👍", "👎"]


async def test_a_card_in_a_group_counts_its_opinions(talk: Talk, stories: list[int]) -> None:
    group = {"chat_id": GROUP, "chat_type": "supergroup"}
    await talk.onboarded(GROUP)
    [card, _] = await talk.press_data(f"story:{stories[0]}", **group, user_id=1)
    for person in 1, 2, 3:
        said = await talk.press_data(card.press("👍"), card.message_id, **group, user_id=person)
    assert "👍 3" in keys(edited(said))
    said = await talk.press_data(card.press("👍"), card.message_id, **group, user_id=2)
    assert "👍 2" in keys(edited(said))
