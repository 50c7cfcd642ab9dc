"""During maintenance every update is kept and each chat is told once; afterwards nothing is lost,
and nothing is answered twice.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.database.connection import Pool
from app.health import Health
from app.settings import Settings
from app.telegram.api.client import BotApi
from app.telegram.handle.admission import REQUESTS, WORK, AdmissionControl
from app.telegram.operator.facts import gather
from app.telegram.operator.troubles import INBOX_AGES, MAINTENANCE_AGES, troubles
from app.telegram.operator.watch import Watch
from app.telegram.receive import inbox, maintenance
from app.telegram.receive.maintenance import NOTICE_EVERY, parse_length
from app.telegram.send.outbox import FULL
from simulators.control import TelegramControl
from tests.telegram.chat import GROUP, PERSON, TOKEN, Said, Talk, message, settings, texts

ADMIN = 7
NOTICE = "down for maintenance"


class StoppedClock:
    def __call__(self) -> float:
        return 1000.0


@pytest.fixture
def configured() -> Settings:
    return settings(admin_chat_id=ADMIN)


@pytest.fixture
async def api(telegram: TelegramControl) -> AsyncIterator[BotApi]:
    api = BotApi(TOKEN, telegram.address)
    yield api
    await api.close()


@pytest.fixture
async def talk(database: Pool, configured: Settings, api: BotApi) -> Talk:
    talk = Talk(database, configured, api)
    await talk.onboarded(ADMIN)
    return talk


async def operate(talk: Talk, words: str) -> list[Said]:
    return await talk.say(f"/maintenance {words}", ADMIN, user_id=ADMIN)


async def end(talk: Talk) -> list[Said]:
    """End it; returns what was said to the operator and then to all who waited."""
    return await operate(talk, "off")


def to(chat_id: int, said: list[Said]) -> list[str]:
    return texts([one for one in said if one.parameters.get("chat_id") == chat_id])


async def states(database: Pool) -> dict[str, int]:
    rows = await database.fetch("SELECT state, count(*) FROM inbox GROUP BY state")
    return {row["state"]: row["count"] for row in rows}


# --- What readers see


async def test_one_notice_and_later_every_answer_in_order(talk: Talk, database: Pool) -> None:
    await talk.onboarded()
    await operate(talk, "on")
    said = [await talk.say(f"/topics subject{n}") for n in range(3)]
    assert [len(one) for one in said] == [1, 0, 0]
    assert NOTICE in said[0][0].text
    assert (await states(database))["pending"] == 3
    answers = to(PERSON, await end(talk))
    assert [f"subject{n}" in answer for n, answer in enumerate(answers)] == [True] * 3
    assert (await states(database)) == {"done": 5}
    [again] = await talk.say("/help")
    assert NOTICE not in again.text


@pytest.mark.parametrize(("language", "word"), [("de", "gewartet"), ("es", "mantenimiento")])
async def test_the_notice_is_in_the_language_of_the_reader(
    talk: Talk, language: str, word: str
) -> None:
    await talk.onboarded(language=language)
    await operate(talk, "on")
    assert word in (await talk.say("hello"))[0].text
    assert word in (await talk.say("/start", 2002, user_id=2002, language=language))[0].text
    [alert] = await talk.press_data("nothing:1")
    assert word in alert.text and alert.parameters["show_alert"]


async def test_a_new_reader_is_welcomed_afterwards(talk: Talk, database: Pool) -> None:
    await operate(talk, "on")
    [notice] = await talk.say("/start")
    assert NOTICE in notice.text
    assert not await database.fetchval("SELECT EXISTS (SELECT FROM readers WHERE chat_id = 1001)")
    [welcome] = to(PERSON, await end(talk))
    assert "Welcome" in welcome


async def test_each_tap_is_answered_at_once_and_acted_upon_later(
    talk: Talk, database: Pool
) -> None:
    await talk.onboarded()
    await operate(talk, "on")
    said = [await talk.press_data(f"set:stories:{n}") for n in (5, 10)]
    assert [[one.method for one in answers] for answers in said] == [["answerCallbackQuery"]] * 2
    assert (await talk.reader()).story_count not in (5, 10)
    later = await end(talk)
    assert "answerCallbackQuery" not in [one.method for one in later]
    assert (await talk.reader()).story_count == 10


async def test_a_second_notice_comes_only_after_a_while(
    talk: Talk, database: Pool, configured: Settings, api: BotApi
) -> None:
    await talk.onboarded()
    await operate(talk, "on")
    assert len(await talk.say("one")) == 1
    # Also not after a restart, nor when it is switched off and on.
    restarted = Talk(database, configured, api)
    await restarted.read()
    assert await restarted.say("two") == []
    await end(restarted)
    await operate(restarted, "on")
    assert await restarted.say("three") == []
    await database.execute(
        "UPDATE maintenance_notices SET told_at = told_at - $1::interval", NOTICE_EVERY
    )
    assert NOTICE in (await restarted.say("four"))[0].text


async def test_conversations_between_people_get_no_notice(talk: Talk) -> None:
    await talk.onboarded(GROUP)
    await operate(talk, "on")
    assert await talk.say("what do you think?", GROUP) == []
    strangers = GROUP - 1
    assert await talk.say("hello", strangers) == []
    [notice] = await talk.say("/help", GROUP)
    assert NOTICE in notice.text
    assert await talk.say("/help", GROUP, user_id=PERSON + 1) == []
    assert len(to(GROUP, await end(talk))) == 2


async def test_changes_of_membership_wait_without_a_notice(talk: Talk) -> None:
    await operate(talk, "on")
    bot = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
    change = {
        "chat": {"id": GROUP, "type": "supergroup", "title": "A group"},
        "from": {"id": PERSON, "is_bot": False, "first_name": "Ada"},
        "date": 1,
        "old_chat_member": {"status": "left", "user": bot},
        "new_chat_member": {"status": "member", "user": bot},
    }
    assert await talk.update({"my_chat_member": change}) == []
    await end(talk)
    assert (await talk.reader(GROUP)).added_by == PERSON


# --- Nothing that was accepted is dropped


async def test_updates_held_during_maintenance_are_not_rate_limited(
    database: Pool, configured: Settings, api: BotApi
) -> None:
    talk = Talk(database, configured, api, admission=AdmissionControl(StoppedClock()))
    await talk.onboarded(ADMIN)
    await talk.onboarded()
    await operate(talk, "on")
    dear = int(WORK.size)
    for number in range(dear):
        await talk.say(f"/search word{number}")  # all that one person may ask for at once
    # As after an update in between: no bucket knows what has been paid.
    restarted = Talk(database, configured, api, admission=AdmissionControl(StoppedClock()))
    await restarted.read()
    await restarted.say("/search something else")
    answers = to(PERSON, await end(restarted))
    assert [f"word{number}" in answer for number, answer in enumerate(answers[:dear])] == [
        True
    ] * dear
    assert not any("a lot at once" in answer for answer in answers)


async def test_a_flood_fills_no_inbox(database: Pool, configured: Settings, api: BotApi) -> None:
    talk = Talk(database, configured, api, admission=AdmissionControl(StoppedClock()))
    await talk.onboarded(ADMIN)
    await talk.onboarded()
    await operate(talk, "on")
    said = [await talk.say(f"/topics subject{n}") for n in range(int(REQUESTS.size) + 20)]
    assert len([one for answers in said for one in answers]) == 2  # the notice, and "too much"
    assert (await states(database))["pending"] == REQUESTS.size


async def test_a_chat_with_more_answers_than_it_may_have_gets_them_one_after_the_other(
    database: Pool, configured: Settings, api: BotApi
) -> None:
    """Telegram takes nothing, so the replies that wait reach their limit."""
    talk = Talk(database, configured, api, delivers=False, admission=AdmissionControl())
    await talk.onboarded(ADMIN)
    await talk.onboarded()
    async with database.acquire() as connection:
        await maintenance.begin(connection, "a test", None)
        held = [
            {"update_id": 800_000 + n, "message": message({"text": f"/search word{n}"})}
            for n in range(FULL + 10)
        ]
        await inbox.store(connection, held)
        await maintenance.hold(connection, [one["update_id"] for one in held])
        await maintenance.end(connection)
    for _ in held:
        await talk._handling.step()
    assert await states(database) == {"done": FULL, "pending": 10}
    await database.execute("UPDATE outbox SET state = 'sent'")
    await database.execute("UPDATE inbox SET due_at = received_at")
    await talk.handle()
    found = await database.fetch(
        "SELECT parameters ->> 'text' AS text FROM outbox WHERE chat_id = $1 ORDER BY id", PERSON
    )
    assert [f"word{n}" in row["text"] for n, row in enumerate(found)] == [True] * len(held)


async def test_an_update_that_cannot_be_read_holds_up_no_other(talk: Talk, database: Pool) -> None:
    await talk.onboarded()
    await operate(talk, "on")
    async with database.acquire() as connection:
        odd = [{"update_id": 900_001, "message": "no object"}, {"update_id": 900_002}]
        unreadable: dict[str, Any] = {"update_id": 900_003, "message": {"chat": {"id": PERSON}}}
        fine = {"update_id": 900_004, "message": message({"text": "/help"})}
        await inbox.store(connection, [*odd, unreadable, fine])
    await talk.handle()
    assert [NOTICE in one.text for one in await talk.read()] == [True]
    assert await database.fetchval("SELECT count(*) FROM inbox WHERE held_at IS NOT NULL") == 4


async def test_updates_waiting_before_maintenance_get_a_notice(talk: Talk, database: Pool) -> None:
    await talk.onboarded()
    async with database.acquire() as connection:
        waiting = [{"update_id": 900_001, "message": message({"text": "/help"})}]
        await inbox.store(connection, waiting)
        await maintenance.begin(connection, "a test", None)
    await talk.handle()
    assert [NOTICE in one.text for one in await talk.read()] == [True]
    assert len(to(PERSON, await end(talk))) == 1


# --- The operator


async def test_the_operators_chat_is_served_meanwhile(talk: Talk) -> None:
    [page] = await operate(talk, "on for 2h")
    assert "until" in page.text and str(ADMIN) in page.text
    for command in "/status", "/parked", "/help":
        [answer] = await talk.say(command, ADMIN, user_id=ADMIN)
        assert NOTICE not in answer.text
    [status] = await talk.say("/status", ADMIN, user_id=ADMIN)
    assert "Maintenance has been on" in status.text
    [page] = await operate(talk, "")
    await talk.press(page, "End", chat_id=ADMIN, user_id=ADMIN)
    [status] = await talk.say("/status", ADMIN, user_id=ADMIN)
    assert "Maintenance" not in status.text


async def test_without_an_operators_chat_all_chats_wait(database: Pool, api: BotApi) -> None:
    talk = Talk(database, settings(), api)
    await talk.onboarded(ADMIN)
    async with database.acquire() as connection:
        await maintenance.begin(connection, "a test", None)
    [notice] = await talk.say("/help", ADMIN, user_id=ADMIN)
    assert NOTICE in notice.text


@pytest.mark.parametrize("words", ["on for ever", "on 2 weeks", "on 31d", "on 0h", "so", "off 1"])
async def test_an_invalid_argument_changes_nothing(talk: Talk, words: str) -> None:
    [answer] = await operate(talk, words)
    assert answer.text.startswith("<code>/maintenance on</code>")
    assert await talk.pool.fetchval("SELECT count(*) FROM maintenance") == 0


async def test_readers_cannot_use_the_command(talk: Talk) -> None:
    await talk.onboarded()
    assert "don’t know the command" in (await talk.say("/maintenance on"))[0].text
    assert await talk.pool.fetchval("SELECT count(*) FROM maintenance") == 0


@pytest.mark.parametrize(
    ("words", "length"),
    [
        ("", None),
        ("2h", timedelta(hours=2)),
        ("for 90 min", timedelta(minutes=90)),
        ("1h 30m", timedelta(minutes=90)),
        ("For 1 day, 2 hours", timedelta(hours=26)),
    ],
)
def test_lengths(words: str, length: timedelta | None) -> None:
    assert parse_length(words) == length


async def test_it_ends_by_itself_and_the_operator_is_told_once(
    talk: Talk, database: Pool, configured: Settings
) -> None:
    await talk.onboarded()
    await operate(talk, "on for 2h")
    await talk.say("/help")
    await database.execute("UPDATE maintenance SET until = now(), since = now() - interval '2 h'")
    health = Health()
    health.polled()
    watch = Watch(database, configured, health, lambda: datetime.now(UTC))
    await watch.step()
    await watch.step()
    await talk.handle()
    said = await talk.read()
    assert [words for words in to(ADMIN, said) if "its time was up" in words] == [
        "⚠️ Maintenance has ended because its time was up. 1 update is being handled now."
    ]
    assert len(to(PERSON, said)) == 1
    assert "Maintenance is off" in (await operate(talk, ""))[0].text


async def test_waiting_updates_are_no_trouble_but_a_long_maintenance_is(
    database: Pool,
) -> None:
    long = timedelta(seconds=2 * INBOX_AGES[0])
    now = datetime.now(UTC)
    async with database.acquire() as connection:
        await inbox.store(connection, [{"update_id": 1}])
        await connection.execute("UPDATE inbox SET received_at = $1", now - long)

        async def keys(at: datetime) -> list[str]:
            found = troubles(await gather(connection, at), "en", production=False)
            return [one.key for one in found if one.key in ("inbox", "maintenance")]

        assert await keys(now) == ["inbox"]
        await maintenance.begin(connection, "a test", None)
        assert await keys(now) == []
        assert await keys(now + timedelta(seconds=MAINTENANCE_AGES[0] + 1)) == ["maintenance"]
        await maintenance.begin(connection, "a test", timedelta(days=2))
        assert await keys(now + timedelta(seconds=MAINTENANCE_AGES[0] + 1)) == []
        await maintenance.end(connection)
        # What waited for its end is given its time again.
        assert await keys(now) == []
        await connection.execute("UPDATE maintenance SET ended_at = $1", now - long)
        assert await keys(now) == ["inbox"]
