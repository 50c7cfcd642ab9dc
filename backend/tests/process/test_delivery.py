"""Every message is delivered although everything around the bot fails."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database.connection import Pool
from app.health import unhealthy_reason
from app.telegram.send.sender import MIN_IN_FLIGHT
from simulators.control import TelegramControl, wait_until
from simulators.embedded import PostgreSQL
from simulators.postgresql_proxy import LossyProxy, lossy_proxy
from simulators.processes import App

OPERATOR = 999
CHATS = range(1, 31)
CLAIM, LEAVE, COMMIT = r"SET claimed_by = \$3", r"SET state = 'sending'", r"^COMMIT"


@pytest.fixture
def proxy(postgresql_server: PostgreSQL) -> Iterator[LossyProxy]:
    with lossy_proxy(postgresql_server.port) as proxy:
        yield proxy


def ask(telegram: TelegramControl, chats: range = CHATS) -> None:
    telegram.post("say", [{"chat_id": chat, "text": "/help"} for chat in chats])


def answered(telegram: TelegramControl, chats: range = CHATS, seconds: float = 90) -> Counter[int]:
    """How many messages each chat got, once each has one."""

    def everybody() -> Counter[int] | None:
        found = Counter(one["chat_id"] for one in telegram.get("sent") if one["chat_id"] in chats)
        return found if len(found) == len(chats) else None

    return wait_until(everybody, "answer for everybody", seconds)


async def test_answers_to_claims_and_commits_that_are_lost(
    app: App, telegram: TelegramControl, proxy: LossyProxy, database_url: str, database: Pool
) -> None:
    port = database_url.rpartition(":")[2].partition("/")[0]
    app.start(DATABASE_URL=database_url.replace(port, str(proxy.port)))
    for number, statement in enumerate((CLAIM, LEAVE, COMMIT, CLAIM, LEAVE)):
        proxy.lose(statement)
        ask(telegram, CHATS[number * 6 : number * 6 + 6])
        wait_until(lambda n=number: proxy.lost > n or None, "lost answer", 60)
    found = answered(telegram)
    assert set(found.values()) == {1}
    assert await database.fetchval("SELECT count(*) FROM outbox WHERE doubts > 0") == 0


@pytest.mark.parametrize(("kind", "status"), [("status", 504), ("drop", 500)])
def test_telegram_that_answers_nothing_for_a_while(
    app: App, telegram: TelegramControl, tmp_path: Path, kind: str, status: int
) -> None:
    health = tmp_path / "health"
    app.start(HEALTH_FILE=str(health), ADMIN_CHAT_ID=str(OPERATOR))
    telegram.say(OPERATOR, "/start")
    telegram.wait_for_messages(OPERATOR, 1)
    telegram.trouble("sendMessage", kind, status=status, times=None)
    telegram.trouble("getMe", kind, status=status, times=None)
    ask(telegram)
    wait_until(lambda: "degraded" in (unhealthy_reason(health) or "") or None, "degraded health")
    assert unhealthy_reason(health, leading=True) is None
    telegram.post("settings", {"no_trouble": True})
    assert set(answered(telegram).values()) == {1}
    wait_until(lambda: unhealthy_reason(health) is None or None, "good health")

    def told() -> list[str]:
        said = [message["text"] for message in telegram.messages(OPERATOR)]
        return [words for words in said if "is not accepting messages" in words]

    wait_until(lambda: told() or None, "word to the operator", 60)
    assert len(told()) == 1


async def test_a_leader_that_slept_does_not_send(
    app: App, telegram: TelegramControl, database: Pool
) -> None:
    leader = app.start()
    telegram.say(100, "/help")
    telegram.wait_for_messages(100, 1)
    app.start()
    wait_until(lambda: "standing by" in app.log or None, "a second instance")
    ask(telegram)
    wait_until(lambda: telegram.get("state")["accepted"] > 5 or None, "first answers")
    leader.send_signal(signal.SIGSTOP)
    found = answered(telegram)
    leader.send_signal(signal.SIGCONT)
    telegram.say(101, "/help")
    telegram.wait_for_messages(101, 1, 60)
    found = answered(telegram)
    # Only what was on its way when it fell asleep.
    assert sum(found.values()) - len(CHATS) <= MIN_IN_FLIGHT
    async with asyncio.timeout(30):
        unsettled = "SELECT EXISTS (SELECT FROM outbox WHERE state <> 'sent')"
        while await database.fetchval(unsettled):  # noqa: ASYNC110 - a row tells nobody
            await asyncio.sleep(0.1)
