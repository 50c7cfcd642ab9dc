"""How much one person may ask for: freely at first, then told once, then nothing until later."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from app.database.connection import Pool
from app.telegram.api.client import BotApi
from app.telegram.handle import admission
from app.telegram.handle.admission import REQUESTS, WORK, Admission, AdmissionControl
from app.telegram.send.outbox import CROWDED, FULL
from tests.telegram.chat import GROUP, PERSON, TOKEN, Talk, settings, user

ADA, BOB = ("person", 1), ("person", 2)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def api(telegram_address: str) -> AsyncIterator[BotApi]:
    api = BotApi(TOKEN, telegram_address)
    yield api
    await api.close()


@pytest.fixture
def talk(database: Pool, api: BotApi) -> Talk:
    """A bot for which no time passes."""
    return Talk(database, settings(), api, admission=AdmissionControl(Clock()))


def outcomes(control: AdmissionControl, count: int, cost: int = 0) -> list[Admission]:
    return [control.admit([ADA], cost)[0] for _ in range(count)]


def test_a_flood_gets_one_notice_and_then_the_refilled_number() -> None:
    clock = Clock()
    control = AdmissionControl(clock)
    free = int(REQUESTS.size)
    assert outcomes(control, free + 3) == [
        *[Admission.ADMITTED] * free,
        Admission.TOLD,
        Admission.SILENT,
        Admission.SILENT,
    ]
    assert control.admit([BOB], 0)[0] is Admission.ADMITTED
    clock.now += 2 / REQUESTS.per_second
    assert outcomes(control, 4) == [
        Admission.ADMITTED,
        Admission.ADMITTED,
        Admission.SILENT,
        Admission.SILENT,
    ]
    clock.now += REQUESTS.size / REQUESTS.per_second
    assert outcomes(control, free + 2) == [
        *[Admission.ADMITTED] * free,
        Admission.TOLD,
        Admission.SILENT,
    ]


def test_expensive_commands_are_limited_before_cheap_ones() -> None:
    clock = Clock()
    control = AdmissionControl(clock)
    dear = int(WORK.size // 5)
    assert outcomes(control, dear, 5) == [Admission.ADMITTED] * dear
    told, seconds = control.admit([ADA], 5)
    assert told is Admission.TOLD
    assert outcomes(control, 3) == [Admission.ADMITTED] * 3
    clock.now += seconds
    assert control.admit([ADA], 5)[0] is Admission.ADMITTED


def test_a_refused_update_takes_no_tokens_from_other_buckets() -> None:
    control = AdmissionControl(Clock())
    outcomes(control, int(REQUESTS.size))
    for _ in range(100):
        assert control.admit([ADA, BOB], 0)[0] is not Admission.ADMITTED
    assert control.admit([BOB], 0)[0] is Admission.ADMITTED


def test_a_clock_set_back_changes_no_tokens() -> None:
    clock = Clock()
    control = AdmissionControl(clock)
    outcomes(control, int(REQUESTS.size) - 1)
    clock.now -= 500
    assert outcomes(control, 2) == [Admission.ADMITTED, Admission.TOLD]


def test_the_number_of_buckets_is_bounded() -> None:
    control = AdmissionControl(Clock())
    outcomes(control, int(REQUESTS.size))
    for number in range(admission.MAX_BUCKETS):
        control.admit([("person", 10 + number)], 0)
        assert control.admit([ADA], 0)[0] is not Admission.ADMITTED  # whoever asks stays known
    assert len(control._buckets) <= admission.MAX_BUCKETS


async def test_a_flood_is_answered_up_to_the_limit_and_notified_once(talk: Talk) -> None:
    await talk.onboarded()
    answers = [await talk.say("/help") for _ in range(int(REQUESTS.size) + 5)]
    assert [len(said) for said in answers[-6:]] == [1, 1, 0, 0, 0, 0]
    assert "a lot at once" in answers[-5][0].text
    assert await talk.pool.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0


async def test_pending_updates_per_chat_are_bounded(database: Pool, api: BotApi) -> None:
    """Somebody asks as fast as is allowed, and Telegram takes nothing."""
    clock = Clock()
    talk = Talk(database, settings(), api, delivers=False, admission=AdmissionControl(clock))
    await talk.onboarded()
    answers = [await talk.say("/help") for _ in range(CROWDED + 10)]
    assert [len(said) for said in answers] == CROWDED * [1] + 10 * [0]  # it waits already
    for number in range(2 * FULL):
        clock.now += 1 / REQUESTS.per_second
        await talk.say(f"/topics subject{number}")
    assert await database.fetchval("SELECT count(*) FROM outbox") == FULL + 1  # and the notice
    assert await database.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0
    await database.execute("UPDATE outbox SET state = 'sent'")
    [answer] = await talk.say("/help")
    assert "a lot at once" not in answer.text


async def test_a_group_gets_one_notice_to_wait(database: Pool, api: BotApi) -> None:
    talk = Talk(database, settings(), api, delivers=False)
    await join(talk, GROUP, PERSON)
    await database.execute(
        """
        INSERT INTO outbox (key, chat_id, method, parameters, priority, repeatable)
        SELECT 'waits ' || number, $1, 'sendMessage', '{}', 0, TRUE
        FROM generate_series(1, $2) AS number
        """,
        GROUP,
        FULL,
    )
    await talk.read()
    said = []
    for member in range(5000, 5005):
        said += await talk.say("/help", GROUP, user_id=member)
    assert ["a lot at once" in one.text for one in said] == [True]
    [alert] = await talk.press_data("nothing:1", chat_id=GROUP, user_id=5006)
    assert alert.method == "answerCallbackQuery" and "a lot at once" in alert.text


async def test_a_strangers_first_start_is_always_answered(talk: Talk) -> None:
    for person in range(2000, 2000 + int(REQUESTS.size) + 5):
        [welcome] = await talk.say("/start", person, user_id=person)
        assert "Welcome" in welcome.text


async def test_a_flood_of_taps_is_answered_with_one_alert(talk: Talk) -> None:
    await talk.onboarded()
    answers = [await talk.press_data("nothing:1") for _ in range(int(REQUESTS.size) + 3)]
    assert [len(said) for said in answers[-4:]] == [1, 1, 0, 0]
    assert answers[-3][0].method == "answerCallbackQuery"
    assert answers[-3][0].parameters["show_alert"]


async def test_all_groups_of_one_person_pay_from_one_bucket(talk: Talk) -> None:
    groups = [GROUP - n for n in range(3)]
    for group in groups:
        await join(talk, group, PERSON)
    other = GROUP - 100
    await join(talk, other, PERSON + 1)
    count = 0
    for member in range(3000, 3000 + int(REQUESTS.size)):  # nobody of them says much
        count += len(await talk.say("/help", groups[member % 3], user_id=member))
    assert count == REQUESTS.size
    told, silent = [await talk.say("/help", group, user_id=4000) for group in groups[:2]]
    assert "a lot at once" in told[0].text
    assert silent == []
    [answer] = await talk.say("/help", other, user_id=4000)
    assert "a lot at once" not in answer.text


async def test_one_person_can_add_a_limited_number_of_groups(talk: Talk) -> None:
    for number in range(2 * int(WORK.size)):
        await join(talk, GROUP - number, PERSON)
    readers = "SELECT count(*) FROM readers WHERE kind = 'supergroup'"
    assert await talk.pool.fetchval(readers) == WORK.size
    await join(talk, GROUP - 1000, PERSON + 1)
    assert await talk.pool.fetchval(readers) == WORK.size + 1
    assert await talk.pool.fetchval("SELECT count(*) FROM inbox WHERE state <> 'done'") == 0


async def test_added_groups_are_stored_and_deleted_with_the_person(talk: Talk) -> None:
    await talk.onboarded()
    await join(talk, GROUP, PERSON)
    assert (await talk.reader(GROUP)).added_by == PERSON
    await talk.press_data("delete:yes")
    assert (await talk.reader(GROUP)).added_by is None


async def join(talk: Talk, group: int, person: int) -> None:
    """Somebody adds the bot to a group."""
    bot = {"id": 42, "is_bot": True, "first_name": "HN Pal"}
    change = {
        "chat": {"id": group, "type": "supergroup", "title": "A group"},
        "from": user(person),
        "date": 1,
        "old_chat_member": {"status": "left", "user": bot},
        "new_chat_member": {"status": "member", "user": bot},
    }
    await talk.update({"my_chat_member": change})
