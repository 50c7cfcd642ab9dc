"""A dead man's service hears of the bot while all is well, and only then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.database.connection import Pool
from app.health import POLL_SECONDS, Health, SendingOutage
from app.telegram.operator import heartbeat
from app.telegram.operator.heartbeat import Heartbeat
from tests.telegram.chat import settings
from tests.telegram.operator.test_operator import add_readers


@dataclass
class Service:
    """Takes signs at an address that nobody can guess, as Healthchecks and Uptime Kuma do."""

    url: str = ""
    status: int = 200
    body: bytes = b"OK"
    location: str = ""
    hangs: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    signs: list[str] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.Response:
        self.signs.append(request.path_qs)
        if self.hangs:
            await self.over.wait()
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.status, body=self.body, headers=headers)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    simulated = Service()
    app = web.Application()
    app.router.add_get("/{path:.*}", simulated.take)
    async with TestServer(app) as server:
        simulated.url = str(server.make_url("/api/push/s3cret"))
        yield simulated
        simulated.over.set()


@pytest.fixture
def health() -> Health:
    well = Health()
    well.polled()
    well.reached_database()
    return well


def signs_of(database: Pool, service: Service, health: Health, **more: Any) -> Heartbeat:
    return Heartbeat(service.url, database, settings(**more), health)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.name == heartbeat.__name__]


async def report(database: Pool, kind: str, ago: timedelta) -> None:
    await database.execute(
        """
        INSERT INTO host_reports (kind, at, detail) VALUES ($1, $2, '{"error": "disk full"}')
        ON CONFLICT (kind) DO UPDATE SET at = $2
        """,
        kind,
        datetime.now(UTC) - ago,
    )


async def test_a_heartbeat_is_one_request_to_the_unchanged_address(
    database: Pool, service: Service, health: Health
) -> None:
    service.url += "?status=up&msg=OK&ping="
    await signs_of(database, service, health).step()
    assert service.signs == ["/api/push/s3cret?status=up&msg=OK&ping="]


@pytest.mark.parametrize("trouble", ["standby", "telegram", "never_polled", "postgresql", "task"])
async def test_no_heartbeat_while_the_bot_is_unhealthy(
    database: Pool, service: Service, health: Health, trouble: str
) -> None:
    if trouble == "standby":
        health.standby = True
    elif trouble == "telegram":
        assert health.polled_at is not None
        health.polled_at -= POLL_SECONDS + 1
    elif trouble == "never_polled":
        health.polled_at = None
    elif trouble == "postgresql":
        health.database_at = None
    else:
        health.failing["inbox"] = 9
    signs = signs_of(database, service, health)
    await signs.step()
    assert service.signs == []


async def test_no_heartbeat_while_telegram_accepts_no_message(
    database: Pool, service: Service, health: Health
) -> None:
    signs = signs_of(database, service, health)
    health.sending_outage = SendingOutage(began_at=1.0, failures=3)
    await signs.step()
    assert service.signs == []
    health.sending_outage = health.sending_outage.ended(2.0)
    await signs.step()
    assert len(service.signs) == 1


@pytest.mark.parametrize("kind", ["backup", "drill"])
async def test_no_heartbeat_after_a_failed_backup_or_drill(
    database: Pool, service: Service, health: Health, kind: str
) -> None:
    signs = signs_of(database, service, health)
    await report(database, kind, timedelta(hours=2))
    await signs.step()
    assert len(service.signs) == 1
    await report(database, f"{kind}_failure", timedelta(hours=1))
    await signs.step()
    assert len(service.signs) == 1
    await report(database, kind, timedelta(minutes=1))
    await signs.step()
    assert len(service.signs) == 2


async def test_no_heartbeat_after_a_missing_backup(
    database: Pool, service: Service, health: Health
) -> None:
    await add_readers(database, 1)
    await database.execute("UPDATE readers SET created_at = now() - interval '3 days'")
    await signs_of(database, service, health, environment="production").step()
    assert service.signs == []
    await signs_of(database, service, health, environment="development").step()
    assert len(service.signs) == 1


async def test_postgresql_that_is_away_is_waited_for(
    database: Pool, service: Service, health: Health
) -> None:
    await database.close()
    with pytest.raises(Exception, match="closed"):
        await signs_of(database, service, health).step()
    assert service.signs == []


async def test_a_failing_service_does_not_affect_the_bot(
    database: Pool, service: Service, health: Health, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    signs = signs_of(database, service, health)
    service.status, service.body = 500, b"x" * 10_000_000
    await signs.step()
    await signs.step()
    service.status, service.location = 302, service.url
    await signs.step()
    service.status, service.body, service.location = 200, b"OK", ""
    await signs.step()
    assert said(caplog) == [
        "No heartbeat: the service answered 500",
        "No heartbeat: the service could not be reached (TooManyRedirects)",
        "Heartbeats are sent again",
    ]


async def test_a_hanging_or_unreachable_service_times_out(
    database: Pool,
    service: Service,
    health: Health,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heartbeat, "MAX_SECONDS", 0.2)
    service.hangs = True
    signs = signs_of(database, service, health)
    await signs.step()
    assert "could not be reached (" in said(caplog)[-1]
    service.url = "http://127.0.0.1:9/s3cret"
    await signs_of(database, service, health).step()
    assert "could not be reached (" in said(caplog)[-1]
    assert "s3cret" not in "".join(said(caplog))
