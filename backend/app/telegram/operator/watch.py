"""Reports the state of this process, and alerts the operator to troubles."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import __version__
from app.database.connection import Connection, Pool
from app.database.locks import Lock
from app.health import Health
from app.readers import store as readers
from app.readers.schedule import zone
from app.settings import Settings
from app.telegram.operator import store as operator_store
from app.telegram.operator import upkeep
from app.telegram.operator.alerts import Alerts
from app.telegram.operator.facts import gather
from app.telegram.operator.store import Instance
from app.telegram.operator.troubles import troubles
from app.telegram.receive import maintenance
from app.wording import FALLBACK, text
from app.wording.dates import clock_time
from app.wording.durations import duration

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger(__name__)

# An outage of the database of at least this length is reported afterwards.
OUTAGE = timedelta(minutes=3)
REDIS_SECONDS = 2.0
# A silence of Telegram is still reported this long after its end, because it may be shorter than
# the interval between two steps.
OUTAGE_SEEN_SECONDS = 60.0


class Watch:
    """Runs in every process; each alert is sent once, by any of them.

    Args:
        hackernews_at: when Hacker News last responded to this process.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        health: Health,
        hackernews_at: Callable[[], datetime | None],
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._health = health
        self._hackernews_at = hackernews_at
        self._alerts = Alerts(settings.admin_chat_id)
        self._started_at = datetime.fromtimestamp(health.started_at, UTC)
        self._id = f"{socket.gethostname()}:{os.getpid()}:{health.started_at:.0f}"
        self._redis: Redis | None = None

    async def step(self) -> int:
        """Check once. Returns 0: no more work for a while."""
        state = await self._state()
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", Lock.WATCH.value)
            await self.look(connection, state, datetime.now(UTC))
        return 0

    async def look(self, connection: Connection, state: dict[str, Any], now: datetime) -> None:
        """Store the state of this process at `now`, and send alerts."""
        seen_before = await operator_store.last_seen(connection)
        await operator_store.record(connection, self._instance(state, now))
        admin = self._settings.admin_chat_id
        operator = (await readers.load(connection, [admin])).get(admin) if admin else None
        language = operator.language if operator else FALLBACK
        if seen_before is not None and now - seen_before >= OUTAGE:
            here = zone(operator.timezone if operator else "UTC")
            up = self._started_at < seen_before
            words = text(
                "alert.postgresql_was_away" if up else "alert.was_down",
                language,
                start=clock_time(seen_before.astimezone(here)),
                end=clock_time(now.astimezone(here)),
                duration=duration((now - seen_before).total_seconds(), language),
            )
            await self._alerts.mention(connection, "outage", words, language, now)
        production = self._settings.environment == "production"
        ended = await maintenance.end_expired(connection)
        facts = await gather(connection, now)
        if ended is not None:
            words = text("maintenance.expired", language, count=facts.inbox.pending)
            await self._alerts.mention(connection, "maintenance", words, language, now)
        found = troubles(facts, language, production=production)
        await self._alerts.update(connection, found, language, now)
        if admin and production:
            here = zone(operator.timezone if operator else "UTC")
            await upkeep.send_weekly_report(connection, facts, admin, language, here)

    def _instance(self, state: dict[str, Any], now: datetime) -> Instance:
        polled_at = self._health.polled_at
        return Instance(
            id=self._id,
            commit=self._settings.hnpal_commit,
            started_at=self._started_at,
            seen_at=now,
            leads=not self._health.standby,
            polled_at=datetime.fromtimestamp(polled_at, UTC) if polled_at else None,
            state=state,
        )

    async def _state(self) -> dict[str, Any]:
        """The JSON that `Facts` reads."""
        conflict_at, hackernews_at = self._health.conflict_at, self._hackernews_at()
        return {
            "version": __version__,
            "poll_failure": self._health.poll_failure,
            "sending_outage": self._sending_outage(),
            "conflict_ago": None if conflict_at is None else time.time() - conflict_at,
            "idle_polls": self._health.idle_polls,
            "failing": dict(self._health.failing),
            "hackernews_at": hackernews_at.isoformat() if hackernews_at else None,
            "disk": await asyncio.to_thread(self._disk),
            "redis": await self._redis_state(),
        }

    def _sending_outage(self) -> int | None:
        """The number of calls that failed while Telegram accepted no messages, recently or now."""
        outage = self._health.sending_outage
        if outage is None or time.time() - (outage.ended_at or time.time()) > OUTAGE_SEEN_SECONDS:
            return None
        return outage.failures

    def _disk(self) -> list[int] | None:
        """The free and the total bytes of the disk with the data."""
        try:
            usage = shutil.disk_usage(self._settings.data_dir)
        except OSError:
            return None
        return [usage.free, usage.total]

    async def _redis_state(self) -> str | None:
        """`up` or `away`; None if Redis is not configured."""
        if self._settings.redis_url is None:
            return None
        from redis.asyncio import Redis
        from redis.exceptions import RedisError

        if self._redis is None:
            self._redis = Redis.from_url(
                self._settings.redis_url.get_secret_value(),
                socket_timeout=REDIS_SECONDS,
                socket_connect_timeout=REDIS_SECONDS,
            )
        try:
            async with asyncio.timeout(2 * REDIS_SECONDS):
                await self._redis.ping()
        except (RedisError, OSError, TimeoutError) as error:
            log.debug("Redis is unavailable: %s", error)
            return "away"
        return "up"
