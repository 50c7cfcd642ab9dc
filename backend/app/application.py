"""Wires the parts of the app together and runs them until the process is told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from importlib import import_module

from app.cache import Cache
from app.concurrency import IdleInterval, Signal
from app.database.aging import BATCH
from app.database.connection import OUTAGES, Pool, open_pool
from app.database.version import ensure_schema
from app.health import WRITE_SECONDS, Health, in_a_line
from app.logs import set_up_logging
from app.settings import Settings, SettingsError, load_settings
from app.supervision import EXIT_FAILED, STOP_SECONDS, Watchdog, exit_within, repeat, start_vital
from app.telegram.api.client import BotApi
from app.telegram.handle.admission import AdmissionControl
from app.telegram.handle.commands.deferred import import_all
from app.telegram.handle.dispatch import Dispatcher
from app.telegram.handle.members import Members
from app.telegram.leader_election import lead
from app.telegram.profile import Profile
from app.telegram.receive import inbox, maintenance
from app.telegram.receive.first_poll import FirstPoll
from app.telegram.receive.poller import Poller
from app.telegram.receive.worker import InboxWorker
from app.telegram.send import transitions
from app.telegram.send.breaker import Breaker
from app.telegram.send.limits import Limits, Rates
from app.telegram.send.probes import DoubtProbes
from app.telegram.send.sender import Sender

log = logging.getLogger(__name__)

EXIT_SETTINGS = 2
MAX_PAUSE = 5.0
# What no reader waits for is imported so many seconds later.
AFTER_THE_FIRST_REPLY = 1.0


def run(first_poll: FirstPoll | None, *, standby: bool) -> int:
    """Run the app, without the pipeline as a `standby`; returns the exit code of the process."""
    try:
        settings = load_settings()
    except SettingsError as error:
        print(f"HN Pal cannot start: {error}", file=sys.stderr)
        return EXIT_SETTINGS
    set_up_logging(settings)
    try:
        health = Health()
        serving = _serve(settings, health, first_poll, standby=standby)
        asyncio.run(_until_stopped(serving, health))
    except Exception:
        log.critical("HN Pal failed", exc_info=True)
        return EXIT_FAILED
    log.info("HN Pal has stopped")
    return 0


async def _until_stopped(work: Coroutine[None, None, None], health: Health) -> None:
    serving = asyncio.create_task(work, name="serve")
    told = False

    def stop() -> None:
        nonlocal told
        if not health.ending:  # otherwise it would interrupt the shutdown
            told = health.ending = True
            exit_within(STOP_SECONDS)
            serving.cancel()

    loop = asyncio.get_running_loop()
    for number in signal.SIGTERM, signal.SIGINT:
        loop.add_signal_handler(number, stop)
    try:
        await serving
    except asyncio.CancelledError:
        log.info("HN Pal received a signal to stop")
    except Exception:
        if not told:
            raise
        log.warning("HN Pal received a signal to stop, and this failed meanwhile", exc_info=True)


async def _serve(
    settings: Settings, health: Health, first_poll: FirstPoll | None, *, standby: bool
) -> None:
    api = BotApi(
        settings.telegram_bot_token.get_secret_value(),
        settings.telegram_api_url,
        documents=settings.outgoing_dir,
    )
    cache = Cache(settings.redis_url.get_secret_value() if settings.redis_url else None)
    async with asyncio.TaskGroup() as group:
        start_vital(group, "health", _report_health(health), health)
        pool = await _connect(settings, health)
        health.reached_database()
        limits, breaker = Limits(_rates(settings)), Breaker(health)
        sender = Sender(pool, api, limits, breaker)
        probes = None
        if settings.doubt_probes == "on":
            probes = DoubtProbes(pool, api, limits, breaker, settings.admin_chat_id)
        try:
            handled = Signal()
            async with asyncio.TaskGroup() as tasks:
                _start(tasks, settings, pool, api, sender, probes, health, first_poll, handled)
                await asyncio.sleep(AFTER_THE_FIRST_REPLY)
                # In a thread: the imports take a third of a second, during which the loop must
                # serve readers.
                await asyncio.to_thread(import_all)
                if not standby:
                    pipeline = _run_pipeline(settings, pool, cache, sender, health, handled)
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
    probes: DoubtProbes | None,
    health: Health,
    first_poll: FirstPoll | None,
    handled: Signal,
) -> None:
    """Start the tasks that serve readers directly; `handled` is set after updates were handled."""
    inbox_filled = Signal()
    poller = Poller(pool, api, health, inbox_filled.set)
    profile = Profile(pool, api)
    members = Members(pool, api, inbox_filled.set)
    dispatcher = Dispatcher(
        *(settings, members, profile.username, AdmissionControl()),
        shows_drafts=lambda: sender.drafts.available,
    )

    def on_handled() -> None:
        sender.wake()
        handled.set()

    handling = InboxWorker(pool, dispatcher, on_handled, settings.admin_chat_id)
    for name, work in {
        Health.LEAD: lead(settings.postgresql_dsn, poller, sender, health, first_poll, probes),
        "inbox": repeat(
            "inbox",
            handling.step,
            health,
            idle_seconds=0.5,
            resting_seconds=5.0,
            wake=inbox_filled,
        ),
        "profile": repeat("profile", profile.step, health, idle_seconds=600.0),
        "database check": _check_database(pool, health),
        "housekeeping": _delete_leftovers(pool, health),
    }.items():
        start_vital(tasks, name, work, health)


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
    handled: Signal,
) -> None:
    await cache.open()
    await asyncio.to_thread(import_module, "app.pipeline")
    from app import pipeline

    await pipeline.run(settings, pool, cache, sender, health, handled)


async def _connect(settings: Settings, health: Health) -> Pool:
    """Wait for PostgreSQL without a time limit, then ensure the schema that this release needs."""
    pause = 0.1
    while True:
        try:
            pool = await _open_ready_pool(settings.postgresql_dsn)
        except OUTAGES as error:
            log.warning("Waiting for PostgreSQL: %s", in_a_line(error))
            health.waits("start", error)
            await asyncio.sleep(pause)
            pause = min(2 * pause, MAX_PAUSE)
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
    pace = IdleInterval(1.0, WRITE_SECONDS / 5)  # often at first, while a deployment waits for it
    while True:
        watchdog.record_turn()
        health.write()
        await asyncio.sleep(pace.seconds)


async def _check_database(pool: Pool, health: Health) -> None:
    async def check() -> int:
        async with pool.acquire() as connection:
            now = await maintenance.load(connection)
        health.maintenance_since = now.since.timestamp() if now and now.is_on else None
        health.reached_database()
        return 0

    await repeat("database check", check, health, idle_seconds=10.0)


async def _delete_leftovers(pool: Pool, health: Health) -> None:
    async def tidy() -> int:
        async with pool.acquire() as connection, connection.transaction():
            await inbox.adapt_to_clock(connection)
            await transitions.adapt_to_clock(connection)
            expired = await transitions.expire(connection, BATCH)
            return expired + await transitions.delete_for_former_readers(connection, BATCH)

    await repeat("housekeeping", tidy, health, idle_seconds=60.0)
