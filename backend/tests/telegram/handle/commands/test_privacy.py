"""/delete_me."""

from __future__ import annotations

from app.readers.privacy import Eraser
from app.telegram.send import transitions
from tests.digests.stories import add_stories, candidate
from tests.readers.test_privacy import rows_mentioning
from tests.telegram.chat import Talk

ADA, BOB = 7_001_002_003, 7_001_002_004


async def acquainted(talk: Talk) -> None:
    """Two readers who have said, saved and liked something."""
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    for person in ADA, BOB:
        await talk.onboarded(person)
        for command in "/topics cheese", "/mute wood", "/settings hour 9":
            await talk.say(command, person, user_id=person)
        for button in "save", "like", "story":
            await talk.press_data(f"{button}:{story.id}", chat_id=person, user_id=person)


async def test_deletion_needs_a_confirmation(talk: Talk) -> None:
    await acquainted(talk)
    [question] = await talk.say("/delete_me", ADA, user_id=ADA)
    assert "backups keep a copy" in question.text
    kept = await talk.press(question, "Keep", chat_id=ADA, user_id=ADA)
    assert "Nothing was deleted" in kept[0].text
    assert (await talk.reader(ADA)).digest_time.hour == 9


async def test_a_deleted_reader_is_removed_everywhere_and_can_start_again(talk: Talk) -> None:
    await acquainted(talk)
    about_bob = await rows_mentioning(talk.pool, BOB)
    assert {"readers", "interests", "mutes", "saved_stories", "feedback", "inbox", "outbox"} <= (
        await rows_mentioning(talk.pool, ADA)
    ).keys()
    [question] = await talk.say("/delete_me", ADA, user_id=ADA)
    # A digest that waits to be sent goes as well.
    await talk.pool.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
        VALUES ('waiting', $1, 'sendMessage', '{}', 2, FALSE)
        """,
        ADA,
    )
    said = await talk.press(question, "Delete everything", chat_id=ADA, user_id=ADA)
    assert {one.method for one in said} == {"editMessageText", "answerCallbackQuery"}
    assert await Eraser(talk.pool).step() == 1
    assert await rows_mentioning(talk.pool, ADA) == {"outbox": 1}
    async with talk.pool.acquire() as connection:  # the goodbye is sent by now
        await transitions.delete_for_former_readers(connection, 10)
    assert await rows_mentioning(talk.pool, ADA) == {}
    assert await rows_mentioning(talk.pool, BOB) == about_bob
    [welcome] = await talk.say("/start", ADA, user_id=ADA)
    assert "Welcome to HN Pal" in welcome.text
    assert (await talk.reader(ADA)).digest_time.hour == 8


async def test_an_old_button_does_not_make_a_deleted_reader_one_again(talk: Talk) -> None:
    await acquainted(talk)
    [question] = await talk.say("/delete_me", ADA, user_id=ADA)
    for _ in range(2):
        said = await talk.press(question, "Delete everything", chat_id=ADA, user_id=ADA)
    assert [one.method for one in said] == ["answerCallbackQuery"]
    assert "/start" in said[0].text
    assert await talk.pool.fetchval("SELECT count(*) FROM readers") == 1
