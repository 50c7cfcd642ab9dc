"""The operator hears of a trouble once, again when it is worse, and of its end: no flapping."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.database.connection import Pool
from app.telegram.operator.alerts import AGAIN, SETTLED, Alerts, Trouble, reported_alerts

ADMIN = 99
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FULL = Trouble("disk", "full")


class Clockwork:
    """Looks at what is wrong at given times, each time as a process that has just started."""

    def __init__(self, database: Pool) -> None:
        self._database = database
        self._read = 0

    async def look(self, after: timedelta, *troubles: Trouble, language: str = "en") -> list[str]:
        """What is said at `after` noon."""
        async with self._database.acquire() as connection, connection.transaction():
            await Alerts(ADMIN).update(connection, troubles, language, NOON + after)
        return await self.said()

    async def said(self) -> list[str]:
        rows = await self._database.fetch(
            "SELECT parameters ->> 'text' AS text FROM outbox ORDER BY id OFFSET $1", self._read
        )
        self._read += len(rows)
        return [row["text"] for row in rows]


async def test_a_trouble_and_its_end_are_reported_once(database: Pool) -> None:
    clock = Clockwork(database)
    assert await clock.look(0 * SECOND, FULL) == ["⚠️ full"]
    for seconds in 10, 1000, 100_000:
        assert await clock.look(seconds * SECOND, FULL) == []
    gone = timedelta(days=2)
    assert await clock.look(gone) == []
    assert await clock.look(gone + SETTLED - SECOND) == []
    assert await clock.look(gone + SETTLED) == ["✅ Resolved: full"]
    assert await clock.look(gone + 2 * SETTLED) == []


async def test_an_intermittent_trouble_is_reported_once(database: Pool) -> None:
    clock = Clockwork(database)
    heard = []
    for minute in range(60):
        heard += await clock.look(timedelta(minutes=minute), *([FULL] if minute % 2 else []))
    assert heard == ["⚠️ full"]


async def test_a_trouble_is_reported_again_only_if_it_is_worse(database: Pool) -> None:
    clock = Clockwork(database)
    await clock.look(0 * SECOND, FULL)
    assert await clock.look(AGAIN, Trouble("disk", "still full")) == []
    assert await clock.look(2 * AGAIN, Trouble("disk", "fuller", degree=2)) == ["⚠️ fuller"]
    assert await clock.look(3 * AGAIN, FULL) == []
    gone = timedelta(days=1)
    await clock.look(gone)
    assert await clock.look(gone + SETTLED) == ["✅ Resolved: full"]


async def test_a_continually_worsening_trouble_is_reported_periodically(database: Pool) -> None:
    clock = Clockwork(database)
    heard = [
        text
        for n in range(60)
        for text in await clock.look(n * AGAIN / 20, Trouble("readers", f"{n} lost", degree=n + 1))
    ]
    assert heard == ["⚠️ 0 lost", "⚠️ 20 lost", "⚠️ 40 lost"]


async def test_a_trouble_with_a_minimum_duration_is_not_reported_earlier(database: Pool) -> None:
    clock = Clockwork(database)
    conflict = Trouble("conflict", "two poll", hold=timedelta(minutes=2))
    assert await clock.look(0 * SECOND, conflict) == []
    assert await clock.look(60 * SECOND) == []
    assert await clock.look(121 * SECOND, conflict) == []
    assert await clock.look(240 * SECOND, conflict) == []
    assert await clock.look(241 * SECOND, conflict) == ["⚠️ two poll"]


async def test_alerts_about_parked_updates_end_and_restart_counting(database: Pool) -> None:
    clock = Clockwork(database)
    assert await clock.look(0 * SECOND, Trouble("parked", "one")) == ["⚠️ one"]
    assert await clock.look(1 * SECOND) == ["✅ Resolved: one"]
    assert await clock.look(2 * SECOND, Trouble("parked", "another")) == ["⚠️ another"]


async def test_alerts_are_in_the_operators_language(database: Pool) -> None:
    clock = Clockwork(database)
    await clock.look(0 * SECOND, FULL)
    await clock.look(1 * SECOND, language="de")
    assert await clock.look(1 * SECOND + SETTLED, language="de") == ["✅ Vorbei: full"]


async def test_details_of_alerts_are_escaped_and_cleared(database: Pool) -> None:
    clock = Clockwork(database)
    async with database.acquire() as connection:
        for detail in "no <key>", "no <key>", "another":
            await Alerts(ADMIN).tell(connection, "llm", detail)
        assert [alert.detail for alert in await reported_alerts(connection)] == ["no &lt;key&gt;"]
    assert await clock.said() == ["⚠️ no &lt;key&gt;"]
    far = timedelta(days=20_000)
    assert await clock.look(far) == []
    async with database.acquire() as connection:
        await Alerts(ADMIN).clear(connection, "llm")
        await Alerts(ADMIN).clear(connection, "llm")
    assert await clock.look(far) == ["✅ Resolved: no &lt;key&gt;"]


async def test_without_an_operator_nothing_is_sent(database: Pool) -> None:
    async with database.acquire() as connection:
        await Alerts(None).update(connection, [FULL], "en", NOON)
        assert [alert.key for alert in await reported_alerts(connection)] == ["disk"]
    assert await database.fetchval("SELECT count(*) FROM outbox") == 0
