"""Wires the parts together and runs them until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from importlib import import_module

from app.cache import Cache
from app.database.aging import BATCH
from app.database.connection import OUTAGES, Pool, open_pool
from app.database.version import ensure_schema
from app.health import WRITE_SECONDS, Health, in_a_line
from app.logs import set_up_logging
from app.settings import Settings, SettingsError, load_settings
from app.supervision import EXIT_FAILED, STOP_SECONDS, Watchdog, end_within, repeat, vital
from app.telegram import outbox_claims
from app.telegram.bot_api import BotApi
from app.telegram.dispatch import Dispatcher
from app.telegram.first_poll import FirstPoll
from app.telegram.handling import UpdateHandling
from app.telegram.leading import lead
from app.telegram.limits import Limits, Rates
from app.telegram.members import Members
from app.telegram.poller import Poller
from app.telegram.profile import Profile
from app.telegram.sender import Sender

log = logging.getLogger(__name__)

EXIT_SETTINGS = 2
LONGEST_PAUSE = 5.0


def run(first_poll: FirstPoll | None, *, standby: bool) -> int:
    """Run the app, without its pipeline as a `standby`; returns the exit code of the process."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"HN Pal cannot start: {error}", file=sys.stderr)  # noqa: T201
        return EXIT_SETTINGS
    set_up_logging(settings)
    try:
        health = Health()
        serving = _serve(settings, health, first_poll, standby=standby)
        asyncio.run(_until_stopped(serving, health))
    except Exception:
        log.critical("HN Pal ends", exc_info=True)
        return EXIT_FAILED
    log.info("HN Pal has stopped")
    return 0


async def _until_stopped(work: Coroutine[None, None, None], health: Health) -> None:
    serving = asyncio.create_task(work, name="serve")
    told = False

    def stop() -> None:
        nonlocal told
        if not health.ending:  # else it would cut short what is being finished
            told = health.ending = True
            end_within(STOP_SECONDS)
            serving.cancel()

    loop = asyncio.get_running_loop()
    for number in signal.SIGTERM, signal.SIGINT:
        loop.add_signal_handler(number, stop)
    try:
        await serving
    except asyncio.CancelledError:
        log.info("HN Pal was told to stop")
    except Exception:
        if not told:
            raise
        log.warning("HN Pal was told to stop, and this went wrong meanwhile", exc_info=True)


async def _serve(
    settings: Settings, health: Health, first_poll: FirstPoll | None, *, standby: bool
) -> None:
    api = BotApi(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    cache = Cache(settings.redis_url.get_secret_value() if settings.redis_url else None)
    async with asyncio.TaskGroup() as group:
        vital(group, "health", _report_health(health), health)
        pool = await _connect(settings, health)
        health.reached_database()
        sender = Sender(pool, api, Limits(_rates(settings)))
        try:
            async with asyncio.TaskGroup() as tasks:
                _start(tasks, settings, pool, api, sender, health, first_poll)
                if not standby:
                    pipeline = _run_pipeline(settings, pool, cache, sender, health)
                    tasks.create_task(pipeline, name="pipeline")
        finally:
            await sender.finish()
            pool.terminate()
            await cache.close()
            await api.close()


def _start(
    tasks: asyncio.TaskGroup,
    settings: Settings,
    pool: Pool,
    api: BotApi,
    sender: Sender,
    health: Health,
    first_poll: FirstPoll | None,
) -> None:
    """Start what people wait for."""
    inbox_filled = asyncio.Event()
    poller = Poller(pool, api, health, inbox_filled.set)
    profile = Profile(pool, api)
    members = Members(pool, api, inbox_filled.set)
    dispatcher = Dispatcher(settings, members, profile.username)
    handling = UpdateHandling(pool, dispatcher, sender.wake)
    for name, work in {
        Health.LEAD: lead(settings.postgresql_dsn, poller, sender, health, first_poll),
        "inbox": repeat("inbox", handling.step, health, idle_seconds=0.5, wake=inbox_filled),
        "profile": repeat("profile", profile.step, health, idle_seconds=600.0),
        "database check": _check_database(pool, health),
        "housekeeping": _keep_house(pool, health),
    }.items():
        vital(tasks, name, work, health)


def _rates(settings: Settings) -> Rates:
    return Rates(
        settings.telegram_messages_per_second,
        settings.telegram_chat_messages_per_second,
        settings.telegram_group_messages_per_minute,
    )


async def _run_pipeline(
    settings: Settings,
    pool: Pool,
    cache: Cache,
    sender: Sender,
    health: Health,
) -> None:
    """Import and run what nobody waits for, behind the first answer."""
    await asyncio.sleep(1.0)
    await cache.open()
    # In a thread: the imports take a third of a second, in which the loop has people to answer.
    await asyncio.to_thread(import_module, "app.pipeline")
    from app import pipeline  # noqa: PLC0415

    await pipeline.run(settings, pool, cache, sender, health)


async def _connect(settings: Settings, health: Health) -> Pool:
    """Wait for PostgreSQL, however long it takes, and for the schema that this release needs."""
    pause = 0.1
    while True:
        try:
            pool = await _open_ready_pool(settings.postgresql_dsn)
        except OUTAGES as error:
            log.warning("Waiting for PostgreSQL: %s", in_a_line(error))
            health.waits("start", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        else:
            health.works("start")
            return pool


async def _open_ready_pool(dsn: str) -> Pool:
    pool = await open_pool(dsn)
    try:
        await ensure_schema(pool)
    except BaseException:
        pool.terminate()
        raise
    return pool


async def _report_health(health: Health) -> None:
    watchdog = Watchdog()
    while True:
        watchdog.turned()
        health.write()
        await asyncio.sleep(min(1.0, WRITE_SECONDS / 2))


async def _check_database(pool: Pool, health: Health) -> None:
    async def check() -> int:
        await pool.fetchval("SELECT 1")
        health.reached_database()
        return 0

    await repeat("database check", check, health, idle_seconds=5.0)


async def _keep_house(pool: Pool, health: Health) -> None:
    async def tidy() -> int:
        async with pool.acquire() as connection, connection.transaction():
            expired = await outbox_claims.expire(connection, BATCH)
            return expired + await outbox_claims.forget_goodbyes(connection, BATCH)

    await repeat("housekeeping", tidy, health, idle_seconds=60.0)
