"""Decides which facts are troubles that need a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from app.health import FAILURES
from app.telegram.operator.alerts import Trouble
from app.telegram.operator.facts import Facts
from app.wording import text
from app.wording.durations import duration

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
# Each tuple has ages in seconds or other sizes; reaching the next one is worse and reported again.
# The inbox is handled at some hundred updates a second; more pending ones are a flood.
INBOX_LENGTHS = (10_000, 50_000)
# Both queues, including messages sent in the last week, on a disk of 8 GB or more.
QUEUE_BYTES = (500_000_000, 1_000_000_000, 2_000_000_000)
INBOX_AGES = (5 * _MINUTE, _HOUR, 6 * _HOUR)
OUTBOX_AGES = (15 * _MINUTE, _HOUR, 6 * _HOUR)
# Without a time at which it ends.
MAINTENANCE_AGES = (6 * _HOUR, _DAY, 3 * _DAY)
SILENCE_AGES = (3 * _MINUTE, _HOUR, 6 * _HOUR)
HACKERNEWS_AGES = (2 * _HOUR, 12 * _HOUR)
# A dump is made every night and a drill every week; each may be an hour late.
BACKUP_AGES = (30 * _HOUR, 3 * _DAY, 7 * _DAY)
DRILL_AGES = (8 * _DAY, 30 * _DAY)
# Free disk space as a share of the total.
DISK_FREE = (0.10, 0.05, 0.02)

CONFLICT_AGE = timedelta(minutes=2)
# During an update two processes briefly poll with one token; a longer conflict is no update.
CONFLICT_LASTS = timedelta(minutes=2)
NO_LEADER_LASTS = timedelta(minutes=2)
TOKEN_LASTS = timedelta(minutes=1)
HACKERNEWS_LASTS = timedelta(minutes=5)
# Consecutive polls that a server answered at once without a new update.
MAX_IDLE_POLLS = 30
STARTS_AN_HOUR = 5
MIN_LOST = 10
LOST_SHARE = 0.05


def troubles(facts: Facts, language: str, *, production: bool) -> list[Trouble]:
    """All current troubles; without a host (`production` false), backups are not checked."""
    found = [
        *_queues(facts, language),
        *_queue_sizes(facts, language),
        *_maintenance(facts, language),
        *_sending(facts, language),
        *_polling(facts, language),
        *_work(facts, language),
    ]
    found += [*_outside(facts, language), *_readers(facts, language)]
    found += [*_host(facts, language, production=production)]
    return found


def _queues(facts: Facts, language: str) -> Iterator[Trouble]:
    dead = facts.inbox.dead_letters
    if dead:
        yield Trouble("parked", text("alert.parked", language, count=dead), dead)
    for key, depth, oldest_seconds, ages in (
        ("inbox", facts.inbox, _inbox_age(facts), INBOX_AGES),
        ("outbox", facts.outbox, facts.outbox.oldest_seconds, OUTBOX_AGES),
    ):
        if degree := _degree(oldest_seconds, ages):
            age = duration(ages[degree - 1], language)
            words = text(f"alert.{key}", language, count=depth.pending, age=age)
            yield Trouble(key, words, degree)


def _inbox_age(facts: Facts) -> float:
    """For how many seconds the oldest update has waited for anything but the end of
    maintenance.
    """
    if facts.maintenance is None:
        return facts.inbox.oldest_seconds
    over_at = facts.maintenance.over_at
    return min(facts.inbox.oldest_seconds, facts.ago(over_at).total_seconds() if over_at else 0.0)


def _maintenance(facts: Facts, language: str) -> Iterator[Trouble]:
    maintenance = facts.maintenance
    if maintenance is None or not maintenance.is_on or maintenance.until is not None:
        return
    if degree := _degree(facts.ago(maintenance.since).total_seconds(), MAINTENANCE_AGES):
        age = duration(MAINTENANCE_AGES[degree - 1], language)
        words = text("alert.maintenance", language, age=age, count=facts.inbox.pending)
        yield Trouble("maintenance", words, degree)


def _sending(facts: Facts, language: str) -> Iterator[Trouble]:
    failures = sum(facts.of_alive("sending_outage"))
    if failures:
        yield Trouble("sending", text("alert.sending", language, count=failures))
    doubted, uncertain = facts.outbox.doubted_lately, facts.outbox.uncertain
    if doubted:
        yield Trouble("doubt", text("alert.doubt", language, count=doubted))
    if uncertain:
        yield Trouble("uncertain", text("alert.uncertain", language, count=uncertain), uncertain)


def _queue_sizes(facts: Facts, language: str) -> Iterator[Trouble]:
    if degree := _degree(facts.inbox.pending, INBOX_LENGTHS):
        words = text("alert.flood", language, count=INBOX_LENGTHS[degree - 1])
        yield Trouble("flood", words, degree)
    if degree := _degree(facts.queue_bytes, QUEUE_BYTES):
        megabytes = QUEUE_BYTES[degree - 1] // 1_000_000
        words = text("alert.queue_bytes", language, megabytes=megabytes)
        yield Trouble("queue_bytes", words, degree)


def _polling(facts: Facts, language: str) -> Iterator[Trouble]:
    conflicts = [one.state.get("conflict_ago") for one in facts.alive]
    if any(ago is not None and ago < CONFLICT_AGE.total_seconds() for ago in conflicts):
        yield Trouble("conflict", text("alert.conflict", language), hold=CONFLICT_LASTS)
    leader = facts.leader
    if leader is None:
        if facts.alive:
            yield Trouble("no_leader", text("alert.no_leader", language), hold=NO_LEADER_LASTS)
        return
    if leader.state.get("poll_failure") == "token":
        yield Trouble("token", text("alert.token", language), hold=TOKEN_LASTS)
        return
    idle = leader.state.get("idle_polls") or 0
    if idle >= MAX_IDLE_POLLS:
        yield Trouble("polls", text("alert.polls", language, count=idle))
    silence = facts.ago(leader.polled_at or leader.started_at).total_seconds()
    if degree := _degree(silence, SILENCE_AGES):
        age = duration(SILENCE_AGES[degree - 1], language)
        yield Trouble("silence", text("alert.silence", language, age=age), degree)


def _work(facts: Facts, language: str) -> Iterator[Trouble]:
    failing: dict[str, int] = {}
    for tasks in facts.of_alive("failing"):
        for name, failures in tasks.items():
            failing[name] = max(failures, failing.get(name, 0))
    for name, failures in failing.items():
        if failures >= FAILURES:
            words = text("alert.task", language, name=name, count=failures)
            yield Trouble(f"task:{name}", words)
    started = [one for one in facts.instances if facts.ago(one.started_at).total_seconds() < _HOUR]
    if len(started) >= STARTS_AN_HOUR:
        yield Trouble("starts", text("alert.starts", language, count=len(started)))


def _outside(facts: Facts, language: str) -> Iterator[Trouble]:
    answered_at = facts.hackernews_at
    if answered_at is not None:
        silence = facts.ago(answered_at).total_seconds()
        if degree := _degree(silence, HACKERNEWS_AGES):
            age = duration(HACKERNEWS_AGES[degree - 1], language)
            words = text("alert.hackernews", language, age=age)
            yield Trouble("hackernews", words, degree, HACKERNEWS_LASTS)


def _readers(facts: Facts, language: str) -> Iterator[Trouble]:
    lost, active = facts.readers.lost, facts.readers.active
    many = max(MIN_LOST, LOST_SHARE * (active + lost))
    if lost >= many:
        # Reported again when the number doubles, so that a wave causes few messages.
        degree = int(lost // many).bit_length()
        yield Trouble("readers", text("alert.readers", language, count=lost), degree)


def _host(facts: Facts, language: str, *, production: bool) -> Iterator[Trouble]:
    for free, total in facts.of_alive("disk"):
        if degree := sum(free < share * total for share in DISK_FREE):
            megabytes = f"{free / 1e6:.0f}"
            words = text("alert.disk", language, megabytes=megabytes, percent=100 * free // total)
            yield Trouble("disk", words, degree)
            break
    yield from backups(facts, language, production=production)


def backups(facts: Facts, language: str, *, production: bool) -> Iterator[Trouble]:
    """Backups and drills that failed or are overdue."""
    for kind, ages in (("backup", BACKUP_AGES), ("drill", DRILL_AGES)):
        last, failure = facts.reports.get(kind), facts.reports.get(f"{kind}_failure")
        if failure and (last is None or failure.at > last.at):
            error = str(failure.detail.get("error") or "?")[:300]
            yield Trouble(f"{kind}_failed", text(f"alert.{kind}_failed", language, error=error))
        since = last.at if last else facts.readers.first_at
        if since is None or not (last or production):
            continue
        if degree := _degree(facts.ago(since).total_seconds(), ages):
            age = duration(ages[degree - 1], language)
            yield Trouble(f"{kind}_old", text(f"alert.{kind}_old", language, age=age), degree)


def _degree(age: float, ages: Sequence[float]) -> int:
    """The number of thresholds that are reached."""
    return sum(age >= one for one in ages)
