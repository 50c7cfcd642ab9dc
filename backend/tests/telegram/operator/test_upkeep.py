"""The weekly message about the age of what runs and pending fixes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.database.connection import Connection, Pool
from app.settings import Settings
from app.telegram.operator import upkeep
from app.telegram.operator.store import Report
from app.wording import LANGUAGES
from app.wording.durations import duration
from tests.telegram.chat import settings
from tests.telegram.operator.test_operator import ADMIN, add_readers, watch

# Monday, 30 November 2026, 7:59 UTC is one minute before nine in Berlin.
BEFORE = datetime(2026, 11, 30, 7, 59, tzinfo=UTC)
DETAIL: dict[str, Any] = {
    "packages": {"pending": 12, "security": 3},
    "engine": {"version": "28.5.1", "pending": ["docker-ce 5:28.5.2"]},
    "held": ["docker-ce 5:29.0.0"],
    "reboot": True,
    "images": [
        {
            "service": "postgres",
            "version": "15.18",
            "made_at": "2026-11-18T07:59:00.123456789Z",
            "is_newer": True,
        },
        {"service": "app", "version": "3.11.9", "made_at": None, "is_newer": None},
    ],
    "collations": ["hn_pal 2.36 2.41"],
}


@pytest.fixture
def configured(data_dir: Path) -> Settings:
    data_dir.mkdir()
    return settings(admin_chat_id=ADMIN, data_dir=data_dir, environment="production")


async def report(connection: Connection, detail: Any, at: datetime) -> None:
    await connection.execute(
        "INSERT INTO host_reports (kind, at, detail) VALUES ('upkeep', $1, $2) "
        "ON CONFLICT (kind) DO UPDATE SET at = $1, detail = $2",
        at,
        detail,
    )


async def told(connection: Connection) -> list[str]:
    rows = await connection.fetch(
        "SELECT parameters FROM outbox WHERE key LIKE 'upkeep:%' ORDER BY id"
    )
    return [row["parameters"]["text"] for row in rows]


async def test_the_operator_is_told_once_a_week(database: Pool, configured: Settings) -> None:
    await add_readers(database, ADMIN)
    looking = watch(database, configured)
    async with database.acquire() as connection:
        await looking.look(connection, {}, BEFORE)
        assert await told(connection) == []
        await report(connection, DETAIL, BEFORE)
        await looking.look(connection, {}, BEFORE)
        await looking.look(connection, {}, BEFORE + timedelta(seconds=30))
        assert len(await told(connection)) == 1
        # The week begins at nine on Monday, in the operator's zone.
        for minutes in (1, 10, 60 * 24 * 6):
            await looking.look(connection, {}, BEFORE + timedelta(minutes=minutes))
        texts = await told(connection)
        assert len(texts) == 2
        restarted = watch(database, configured)
        await restarted.look(connection, {}, BEFORE + timedelta(days=6, hours=1))
        assert await told(connection) == texts
        await looking.look(connection, {}, BEFORE + timedelta(days=7, minutes=1))
        assert "has not reported for 7\u00a0d" in (await told(connection))[-1]


async def test_no_alert_outside_of_production(database: Pool, configured: Settings) -> None:
    await add_readers(database, ADMIN)
    looking = watch(database, configured.model_copy(update={"environment": "development"}))
    async with database.acquire() as connection:
        await report(connection, DETAIL, BEFORE)
        await looking.look(connection, {}, BEFORE)
        assert await told(connection) == []


def test_ages_and_pending_fixes_are_told_in_every_language() -> None:
    for language in LANGUAGES:
        said = upkeep.describe(Report(BEFORE, DETAIL), BEFORE, language)
        for words in (
            *("12", "3 ", "28.5.1", "docker-ce 5:28.5.2", "docker-ce 5:29.0.0"),
            *(
                "PostgreSQL 15.18",
                duration(12 * 86400, language),
                "Python 3.11.9",
                "hn_pal 2.36 2.41",
                "upgrade.yml",
            ),
        ):
            assert words in said, (language, words)
    assert "image made 12\u00a0d ago – <b>a newer one" in upkeep.describe(
        Report(BEFORE, DETAIL), BEFORE, "en"
    )


def test_a_host_without_pending_fixes_is_up_to_date() -> None:
    quiet = DETAIL | {"engine": {"version": "1"}, "images": [], "held": [], "collations": []}
    assert "up to date" in upkeep.describe(Report(BEFORE, quiet), BEFORE, "en")


@pytest.mark.parametrize(
    "detail",
    [
        {},
        {"packages": 5, "engine": [], "held": "x", "images": "x", "collations": {}},
        {"packages": None, "engine": None, "images": [None, {}, {"made_at": "yesterday"}]},
        {"engine": {"version": "<b>&", "pending": [None, 5]}, "held": [{}]},
    ],
)
def test_host_reports_are_escaped(detail: dict[str, Any]) -> None:
    said = upkeep.describe(Report(BEFORE, detail), BEFORE, "en")
    assert said.startswith("🧰")
    assert "<b>&" not in said
