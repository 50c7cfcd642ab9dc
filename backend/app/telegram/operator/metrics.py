"""Writes the figures of /status to a file for Prometheus' node_exporter; no port is opened.

The format is Prometheus' text format, and the file is replaced atomically, as the textfile
collector requires (https://github.com/prometheus/node_exporter#textfile-collector). Times are Unix
seconds, sizes bytes, money US dollars; unknown values are omitted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from prometheus_client import write_to_textfile
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from app import __version__
from app.database.connection import Pool
from app.llm import store as llm
from app.llm.store import Spent
from app.readers import store as readers
from app.readers.schedule import zone
from app.settings import Settings
from app.telegram.operator import alerts
from app.telegram.operator import store as operator_store
from app.telegram.operator.alerts import Alert
from app.telegram.operator.facts import Facts, gather
from app.telegram.operator.store import Day

log = logging.getLogger(__name__)

EVERY_SECONDS = 15.0
REPORTS = ("backup", "backup_failure", "drill", "drill_failure")

# A single value, or a label with a value for each of its contents.
_Values: TypeAlias = float | tuple[str, dict[str, float]] | None
_Figures: TypeAlias = Iterator[tuple[str, str, _Values]]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The data of one file."""

    facts: Facts
    day: Day
    spent: Spent
    alerts: Sequence[Alert]
    settings: Settings


class Metrics:
    """Writes the file; several processes may write it."""

    def __init__(self, file: Path, pool: Pool, settings: Settings) -> None:
        self._file = file
        self._pool = pool
        self._settings = settings
        self._complaint: str | None = None

    async def step(self) -> int:
        """Write the file. Returns 0: no more work for a while."""
        snapshot = await self._snapshot(datetime.now(UTC))
        try:
            await asyncio.to_thread(write, self._file, snapshot)
            complaint = None
        except OSError as error:
            complaint = f"{type(error).__name__}: {error.strerror}"
        if complaint and complaint != self._complaint:
            log.error("METRICS_FILE %s cannot be written (%s)", self._file, complaint)
        self._complaint = complaint
        return 0

    async def _snapshot(self, now: datetime) -> Snapshot:
        admin = self._settings.admin_chat_id
        async with self._pool.acquire() as connection:
            operator = (await readers.load(connection, [admin])).get(admin) if admin else None
            local = now.astimezone(zone(operator.timezone if operator else "UTC"))
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            return Snapshot(
                await gather(connection, now),
                await operator_store.count_since(connection, midnight),
                await llm.spent(connection),
                await alerts.reported_alerts(connection),
                self._settings,
            )


def write(file: Path, snapshot: Snapshot) -> None:
    """Replace the file atomically.

    Raises:
        OSError: it cannot be written; the previous file is unchanged.
    """
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Snapshot(snapshot))
    write_to_textfile(str(file), registry)


class _Snapshot(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterable[GaugeMetricFamily]:
        yield self._version()
        for name, meaning, values in _figures(self._snapshot):
            if values is None:
                continue
            label, by_label = values if isinstance(values, tuple) else ("", {"": values})
            family = GaugeMetricFamily(f"hnpal_{name}", meaning, labels=[label] if label else [])
            for labelled, value in by_label.items():
                family.add_metric([labelled] if label else [], float(value))
            yield family

    def _version(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily(
            "hnpal_version_info", "Version and commit that run.", labels=["version", "commit"]
        )
        family.add_metric([__version__, self._snapshot.settings.hnpal_commit], 1)
        return family


def _figures(snapshot: Snapshot) -> _Figures:
    facts = snapshot.facts
    yield "written_timestamp_seconds", "When these figures were read.", facts.now.timestamp()
    yield from _processes(facts)
    yield from _queues(facts)
    yield from _work(facts, snapshot.day)
    yield from _money(snapshot.spent, snapshot.settings)
    yield from _host(facts, snapshot.day)
    since = {one.key: one.since.timestamp() for one in snapshot.alerts}
    yield "alerts", "Troubles that the operator was told of and that are not over.", len(since)
    yield "alert_since_timestamp_seconds", "Since when each of them is.", ("key", since)


def _processes(facts: Facts) -> _Figures:
    leader = facts.leader
    yield "instances", "Processes of the app that live.", len(facts.alive)
    yield (
        "leaders",
        "Processes that poll Telegram; more or less than one is wrong.",
        int(bool(leader)),
    )
    if leader is not None:
        started, polled = leader.started_at, leader.polled_at
        yield "started_timestamp_seconds", "When the one that polls began.", started.timestamp()
        yield "polled_timestamp_seconds", "When Telegram last answered a poll.", _unix(polled)


def _queues(facts: Facts) -> _Figures:
    inbox, outbox, maintenance = facts.inbox, facts.outbox, facts.maintenance
    is_on = maintenance is not None and maintenance.is_on
    yield "maintenance", "Whether maintenance is on and updates wait for its end.", float(is_on)
    waiting = {"inbox": inbox.pending, "outbox": outbox.pending}
    oldest = {"inbox": inbox.oldest_seconds, "outbox": outbox.oldest_seconds}
    yield (
        "queue_length",
        "Updates to be handled, and messages to be sent.",
        ("queue", _floats(waiting)),
    )
    yield "queue_oldest_seconds", "For how long the oldest of them has waited.", ("queue", oldest)
    yield "queue_bytes", "Disk that both queues take.", facts.queue_bytes
    yield "inbox_parked", "Updates that could not be handled.", inbox.dead_letters
    yield "outbox_uncertain", "Messages that expired in doubt.", outbox.uncertain
    yield "outbox_doubted", "Messages that came into doubt within an hour.", outbox.doubted_lately


def _work(facts: Facts, day: Day) -> _Figures:
    by_state = {
        "active": facts.readers.active,
        "paused": facts.readers.paused,
        "unreachable": facts.readers.unreachable,
        "refusing": facts.readers.refusing,
    }
    yield "readers", "Readers, by whether messages reach them.", ("state", _floats(by_state))
    done = {
        "digests": day.digests,
        "messages": day.messages,
        "stories": day.stories,
        "questions": day.questions,
    }
    yield "done_today", "What was done since the operator's midnight.", ("what", _floats(done))


def _money(spent: Spent, settings: Settings) -> _Figures:
    if settings.openai_api_key is None:
        return
    used = {"day": float(spent.day.total), "month": float(spent.month.total)}
    allowed = {
        "day": float(settings.llm_daily_budget_usd),
        "month": float(settings.llm_monthly_budget_usd),
    }
    yield (
        "model_spent_usd",
        "What the model has cost in this day and month of UTC.",
        ("period", used),
    )
    yield "model_budget_usd", "What it may cost.", ("period", allowed)


def _host(facts: Facts, day: Day) -> _Figures:
    for free, total in facts.of_alive("disk")[:1]:
        yield "disk_free_bytes", "What is free of the disk with the data.", free
        yield "disk_bytes", "The size of that disk.", total
    yield "database_bytes", "The size of the database.", day.database_bytes
    redis = next(iter(facts.of_alive("redis")), None)
    yield "redis_up", "Whether Redis answers.", None if redis is None else float(redis == "up")
    heard = _unix(facts.hackernews_at)
    yield "hackernews_answered_timestamp_seconds", "When Hacker News last answered.", heard
    at = {kind: facts.reports[kind].at.timestamp() for kind in REPORTS if kind in facts.reports}
    yield (
        "report_timestamp_seconds",
        "When backup and drill last went well, or failed.",
        ("kind", at),
    )
    backup = facts.reports.get("backup")
    in_bucket = None if backup is None else float(backup.detail.get("bucket") is not False)
    yield "backup_is_copied", "Whether the last backup is in the bucket.", in_bucket


def _unix(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _floats(values: dict[str, int]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items()}
