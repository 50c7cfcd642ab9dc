"""The operator hears of a trouble once, of its change again, and of its end."""

from __future__ import annotations

from app.database.connection import Pool
from app.telegram.alerts import Alerts

ADMIN = 99


async def said(database: Pool) -> list[str]:
    rows = await database.fetch("SELECT parameters ->> 'text' AS text FROM outbox ORDER BY id")
    return [row["text"] for row in rows]


async def test_a_trouble_is_told_once_and_again_when_it_changes(database: Pool) -> None:
    alerts = Alerts(ADMIN)
    async with database.acquire() as connection:
        for detail in "1 <left>", "1 <left>", "2 left":
            await alerts.tell(connection, "parked", detail)
        await alerts.clear(connection, "parked")
        await alerts.clear(connection, "parked")
        await alerts.tell(connection, "parked", "1 <left>")
    assert await said(database) == [
        "⚠️ 1 &lt;left&gt;",
        "⚠️ 2 left",
        "✅ Over: 2 left",
        "⚠️ 1 &lt;left&gt;",
    ]


async def test_without_an_operator_nothing_is_sent(database: Pool) -> None:
    async with database.acquire() as connection:
        await Alerts(None).tell(connection, "disk", "full")
    assert await said(database) == []
