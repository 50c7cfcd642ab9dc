"""Killed at any moment, the process goes on where it stopped: nothing lost, nothing handled
twice.
"""

from __future__ import annotations

import random
import signal
from collections import Counter
from typing import Any

import psutil

from app.database.connection import Pool
from app.telegram.send.sender import MIN_IN_FLIGHT
from simulators.control import TelegramControl, wait_until
from simulators.embedded import PostgreSQL
from simulators.processes import App

UPDATES = 240
KILLS = 6
# Telegram's own 30 a second, at which hardly more than one message is ever in flight.
FAST = {"TELEGRAM_CHAT_MESSAGES_PER_SECOND": "0"}
NO_LIMITS = {"overall_per_second": 0, "chat_per_second": 0, "group_per_minute": 0}


def topics_of(number: int) -> str:
    return f"/topics subject{number}"


def push(telegram: TelegramControl, chats: range, numbers: range) -> None:
    said = [{"chat_id": chats[n % len(chats)], "text": topics_of(n)} for n in numbers]
    telegram.post("say", said)


def replies(telegram: TelegramControl) -> Counter[str]:
    return Counter(message["text"] for message in telegram.messages())


def all_answered(telegram: TelegramControl, database_size: int) -> Counter[str]:
    return wait_until(
        lambda: found if len(found := replies(telegram)) >= database_size else None,
        f"{database_size} different replies",
        90,
    )


async def test_sigkill_at_random_moments(
    app: App, telegram: TelegramControl, database: Pool, readers: range
) -> None:
    telegram.post("settings", {"limits": NO_LIMITS})
    dice = random.Random(4)
    process = app.start(**FAST)
    in_doubt = 0
    for kill in range(KILLS):
        first = kill * UPDATES // KILLS
        push(telegram, readers, range(first, first + UPDATES // KILLS))
        # Somewhere in the middle of this batch.
        part = first + dice.randrange(5, UPDATES // KILLS - 5)
        wait_until(lambda n=part: telegram.get("state")["accepted"] >= n or None, "progress", 60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        in_doubt += await database.fetchval("SELECT count(*) FROM outbox WHERE state = 'sending'")
        process = app.start(**FAST)
    found = all_answered(telegram, UPDATES)
    assert len(found) == UPDATES
    # Only what was on its way: one for a kill where the machine has time to spare, which
    # `make bench-bot PARTS=kills` holds, and at most `MIN_IN_FLIGHT`.
    assert sum(found.values()) - UPDATES <= min(in_doubt, KILLS * MIN_IN_FLIGHT)


async def test_handled_exactly_once(
    app: App, telegram: TelegramControl, database: Pool, readers: range
) -> None:
    telegram.post("settings", {"limits": NO_LIMITS})
    for start in range(3):
        process = app.start(**FAST)
        push(telegram, readers, range(50))
        part = start * 50 + 20
        wait_until(lambda n=part: telegram.get("state")["accepted"] >= n or None, "progress", 60)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
    app.start(**FAST)
    wait_until(lambda: telegram.get("state")["pending"] == 0 or None, "confirmation", 60)
    wait_until(lambda: telegram.get("state")["accepted"] >= 150 or None, "all replies", 60)
    rows: list[Any] = await database.fetch("SELECT state, count(*) FROM inbox GROUP BY state")
    assert [tuple(row) for row in rows] == [("done", 150)]
    # 3 × 50 updates, each answered once: SIGTERM leaves nothing in doubt.
    assert telegram.get("state")["accepted"] == 150


def test_sigterm_when_idle_ends_at_once(app: App, telegram: TelegramControl) -> None:
    process = app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=5) == 0


def test_a_lost_database_is_waited_for(
    app: App, telegram: TelegramControl, postgresql_server: PostgreSQL
) -> None:
    app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    postgresql_server.stop("immediate")
    telegram.say(1, "/while_away")
    postgresql_server.start(durable=False)
    answered = telegram.wait_for_messages(1, 2, 60)
    assert "while_away" in answered[1]["text"]


def test_a_stopped_leader_is_replaced(app: App, telegram: TelegramControl) -> None:
    leader = app.start()
    telegram.say(1, "/help")
    telegram.wait_for_messages(1, 1)
    app.start()
    wait_until(lambda: "standing by" in app.log or None, "a second instance")
    leader.send_signal(signal.SIGSTOP)
    telegram.say(2, "/help")
    telegram.wait_for_messages(2, 1, 60)
    leader.send_signal(signal.SIGCONT)
    telegram.say(3, "/help")
    telegram.wait_for_messages(3, 1, 60)
    assert leader.poll() is None
    assert len(telegram.messages()) == 3


def test_sigterm_while_the_database_hangs(
    app: App, telegram: TelegramControl, postgresql_server: PostgreSQL, reader: int
) -> None:
    process = app.start()
    telegram.say(reader, "/help")
    telegram.wait_for_messages(reader, 1)
    postmaster = psutil.Process(postgresql_server.pid)
    servers = [postmaster, *postmaster.children()]
    for server in servers:
        server.suspend()
    try:
        telegram.say(reader, "/topics while it hangs")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
    finally:
        for server in servers:
            server.resume()
    app.start()
    # That /help was answered may not have been noted before everything hung: it then comes again.
    wait_until(
        lambda: [m for m in telegram.messages(reader) if "while it hangs" in m["text"]] or None,
        "answer to what was said while it hung",
        60,
    )
