"""Whole readers walk through the year on a PostgreSQL: one digest a local day, whatever happens.

`test_schedule` judges the plans alone; here the rows are claimed, planned anew and changed as the
app does it, with the clock in the test's hand.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.database.connection import Connection, Pool
from app.readers import due, store
from app.readers.schedule import local_day

ME = 1
DAY = timedelta(days=1)
# Zone, time of the digest, and the two days on which its clocks change in 2026.
CHANGES = [
    # In the gap of spring, which the clocks skip, and in the hour that autumn repeats.
    ("Europe/Berlin", time(2, 30), date(2026, 3, 29), date(2026, 10, 25)),
    ("America/New_York", time(1, 30), date(2026, 3, 8), date(2026, 11, 1)),
    # In the south, where autumn comes first; by half an hour; and at midnight.
    ("Australia/Sydney", time(8), date(2026, 4, 5), date(2026, 10, 4)),
    ("Australia/Lord_Howe", time(2, 15), date(2026, 4, 5), date(2026, 10, 4)),
    ("America/Santiago", time(0), date(2026, 4, 5), date(2026, 9, 6)),
]


@pytest.fixture
async def connection(database: Pool) -> AsyncIterator[Connection]:
    async with database.acquire() as connection:
        yield connection


async def join(connection: Connection, now: datetime, **settings: object) -> None:
    reader = await store.create(
        connection, chat_id=ME, kind="private", name=None, language="en", timezone="UTC"
    )
    await store.update(connection, reader, now, paused_at=None, **settings)


async def step(connection: Connection, now: datetime) -> list[date]:
    """What the app does at `now`. Returns the local days of the digests that are made."""
    made = []
    async with connection.transaction():
        for reader in await due.claim(connection, "daily", now, 10):
            made.append(due.digest_day(reader, "daily", now))
            await due.plan_after(connection, "daily", [reader], now)
    return made


async def walk(connection: Connection, start: datetime, end: datetime) -> list[date]:
    """The days of the digests of a reader for whom the app looks every ten minutes."""
    made, now = [], start
    while now < end:
        made += await step(connection, now)
        planned = await connection.fetchval("SELECT next_digest_at FROM readers")
        # Nothing happens before the next one is due, but it may be looked at a little late.
        now = max(now + timedelta(minutes=10), planned + timedelta(minutes=7))
    return made


@pytest.mark.parametrize(("zone", "at", "one", "other"), CHANGES)
async def test_one_digest_a_day_through_both_changes(
    connection: Connection, zone: str, at: time, one: date, other: date
) -> None:
    here = ZoneInfo(zone)
    start = datetime.combine(one - 3 * DAY, time(0), here).astimezone(UTC) - timedelta(hours=1)
    end = datetime.combine(other + 4 * DAY, time(0), here).astimezone(UTC)
    await join(connection, start, timezone=zone, digest_time=at)
    days = await walk(connection, start, end)
    wanted = [one - 3 * DAY + n * DAY for n in range((other - one).days + 7)]
    assert days == wanted


@pytest.mark.parametrize("hours_away", [5, 26, 75, 24 * 9])
async def test_an_outage_is_followed_by_one_digest(connection: Connection, hours_away: int) -> None:
    start = datetime(2026, 11, 20, 7, tzinfo=UTC)
    await join(connection, start, digest_time=time(8))
    assert await walk(connection, start, start + DAY) == [date(2026, 11, 20)]
    back = start + DAY + timedelta(hours=hours_away)
    after = await walk(connection, back, back + 3 * DAY)
    assert len(after) == len(set(after))
    made_at_once = await step(connection, back + 3 * DAY)
    assert len(after) <= 4 and not made_at_once


@pytest.mark.parametrize("seed", range(6))
async def test_rescheduling_causes_neither_two_digests_nor_none(
    connection: Connection, seed: int
) -> None:
    dice = random.Random(seed)
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    await join(connection, now)
    zones = ["UTC", "Pacific/Kiritimati", "Pacific/Honolulu", "Asia/Kolkata", "Europe/Berlin"]
    made: list[tuple[datetime, date]] = []
    for _ in range(400):
        now += timedelta(minutes=dice.choice((10, 50, 240, 700)))
        made += [(now, day) for day in await step(connection, now)]
        [reader] = (await store.load(connection, [ME])).values()
        match dice.randrange(15):
            case 0:
                await store.update(connection, reader, now, timezone=dice.choice(zones))
            case 1:
                moment = time(dice.randrange(24), dice.choice((0, 30)))
                await store.update(connection, reader, now, digest_time=moment)
            case 2:
                await store.update(connection, reader, now, paused_at=now)
                await store.update(connection, reader, now, paused_at=None)
        made += [(now, day) for day in await step(connection, now)]
    days = [day for _, day in made]
    assert days == sorted(set(days))
    # Any two digests are on two dates of wherever the reader is, and none stays away for long.
    moments = [at for at, _ in made]
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert max(gaps) < 4 * DAY
    assert len(days) > 30
    [reader] = (await store.load(connection, [ME])).values()
    assert reader.next_digest_at and reader.next_digest_at - now < 3 * DAY
    assert local_day(reader.timezone, now) - days[-1] < 3 * DAY


async def test_a_change_after_todays_digest_waits_for_tomorrow(connection: Connection) -> None:
    start = datetime(2026, 11, 24, 7, tzinfo=UTC)
    await join(connection, start, digest_time=time(8))
    now = start + timedelta(hours=2)
    assert await step(connection, now) == [date(2026, 11, 24)]
    [reader] = (await store.load(connection, [ME])).values()
    for moment in time(12), time(9, 30), time(23, 59):
        reader = await store.update(connection, reader, now, digest_time=moment)
        assert reader.next_digest_at == datetime.combine(date(2026, 11, 25), moment, UTC)


@pytest.mark.parametrize(
    ("home", "away", "digest_time", "hours"),
    [
        # It is tomorrow there, and was when the last one came: the next is for the day after.
        ("Pacific/Honolulu", "Pacific/Auckland", time(8), 25),
        ("Pacific/Honolulu", "Pacific/Auckland", time(20), 25),
        ("Pacific/Midway", "Pacific/Auckland", time(1), 24),
        ("America/New_York", "Asia/Tokyo", time(18), 34),
        # It is yesterday there, and yesterday had its digest; so has today.
        ("Pacific/Auckland", "Pacific/Honolulu", time(8), 47),
        ("Asia/Tokyo", "America/Los_Angeles", time(8), 41),
        # The date is the same, on a shorter or a longer day.
        ("Europe/Berlin", "America/New_York", time(8), 30),
        ("America/New_York", "Europe/Berlin", time(8), 18),
    ],
)
async def test_changing_the_zone_yields_one_digest_a_date(
    connection: Connection, home: str, away: str, digest_time: time, hours: int
) -> None:
    start = datetime(2026, 11, 20, tzinfo=ZoneInfo(home))
    await join(connection, start, timezone=home, digest_time=digest_time)
    due_at = await connection.fetchval("SELECT next_digest_at FROM readers")
    [day] = await step(connection, due_at + timedelta(minutes=3))
    [reader] = (await store.load(connection, [ME])).values()
    landed = due_at + timedelta(minutes=20)
    reader = await store.update(connection, reader, landed, timezone=away)
    assert reader.next_digest_at == due_at + timedelta(hours=hours)
    following = local_day(away, reader.next_digest_at)
    assert following > max(day, local_day(away, due_at))
    assert await step(connection, reader.next_digest_at) == [following]


async def test_no_digest_comes_soon_after_the_last(connection: Connection) -> None:
    start = datetime(2026, 11, 24, 7, tzinfo=UTC)
    await join(connection, start, digest_time=time(23))
    assert await step(connection, start + timedelta(hours=16)) == [date(2026, 11, 24)]
    [reader] = (await store.load(connection, [ME])).values()
    now = start + timedelta(hours=16, minutes=5)
    for moment, following in (time(4, 30), 26), (time(5, 30), 25):
        reader = await store.update(connection, reader, now, digest_time=moment)
        assert reader.next_digest_at == datetime.combine(date(2026, 11, following), moment, UTC)


async def test_the_weekly_digest_comes_besides(connection: Connection) -> None:
    start = datetime(2026, 11, 21, 7, tzinfo=UTC)  # a Saturday
    await join(connection, start, digest_time=time(8), digest_days=(), weekly_day=7)
    sunday = datetime(2026, 11, 22, 8, 5, tzinfo=UTC)
    assert await step(connection, sunday) == []
    [reader] = await due.claim(connection, "weekly", sunday, 10)
    assert due.digest_day(reader, "weekly", sunday) == date(2026, 11, 22)
    await due.plan_after(connection, "weekly", [reader], sunday)
    [reader] = (await store.load(connection, [ME])).values()
    assert reader.next_weekly_at == datetime(2026, 11, 29, 8, tzinfo=UTC)
    assert reader.next_digest_at is None


STEP = timedelta(hours=50)


async def look(connection: Connection, now: datetime) -> list[date]:
    """What the app does at `now`, with the digest kept as the app keeps it."""
    made = []
    async with connection.transaction():
        for reader in await due.claim(connection, "daily", now, 10):
            day = due.digest_day(reader, "daily", now)
            made += await connection.fetch(
                """
                INSERT INTO digests (chat_id, kind, local_day) VALUES ($1, 'daily', $2)
                ON CONFLICT (chat_id, kind, local_day) WHERE kind IN ('daily', 'weekly')
                DO NOTHING RETURNING local_day
                """,
                reader.chat_id,
                day,
            )
            await due.plan_after(connection, "daily", [reader], now)
    return [day for (day,) in made]


@pytest.mark.parametrize("step_by", [STEP, -STEP], ids=["forward", "back"])
@pytest.mark.parametrize("seed", range(8))
async def test_a_clock_that_was_wrong_for_some_hours(
    connection: Connection, step_by: timedelta, seed: int
) -> None:
    dice = random.Random(seed)
    zone = dice.choice(["UTC", "Europe/Berlin", "Asia/Kolkata", "Pacific/Honolulu"])
    start = datetime(2026, 3, 20, 12, tzinfo=UTC)
    await join(connection, start, timezone=zone, digest_time=time(dice.randrange(24), 30))
    true, off = start, timedelta(0)
    days: list[date] = []
    wrong_at = start + timedelta(hours=dice.randrange(50, 100))
    right_at = wrong_at + timedelta(hours=dice.randrange(1, 6), minutes=dice.randrange(60))
    while true < start + 10 * DAY:
        was, off = off, step_by if wrong_at <= true < right_at else timedelta(0)
        now = true + off
        if off != was:
            assert await due.adapt_to_clock(connection, now, None, 10) is None
        days += await look(connection, now)
        if off != was and not off:
            planned = await connection.fetchval("SELECT next_digest_at FROM readers")
            assert planned - now <= DAY + timedelta(hours=1)  # clocks change in March
        true += timedelta(minutes=dice.choice((5, 20, 45)))
    assert len(days) == len(set(days))
    # Every date has one, but for those that the wrong clock took the place of.
    assert len(days) >= 8
    planned = await connection.fetchval("SELECT next_digest_at FROM readers")
    assert planned - true <= DAY


async def test_settings_changed_while_the_clock_is_wrong(connection: Connection) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    await join(connection, now, digest_time=time(8), weekly_day=7)
    [reader] = (await store.load(connection, [ME])).values()
    await store.update(connection, reader, now + STEP, digest_time=time(9))
    await due.adapt_to_clock(connection, now, None, 10)
    [reader] = (await store.load(connection, [ME])).values()
    assert reader.next_digest_at == datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert reader.next_weekly_at == datetime(2026, 11, 22, 9, tzinfo=UTC)


async def test_adapting_to_the_clock_in_batches_makes_nothing_due_early(
    connection: Connection,
) -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for chat_id in range(1, 6):
        reader = await store.create(
            connection, chat_id=chat_id, kind="private", name=None, language="en", timezone="UTC"
        )
        await store.update(connection, reader, now, paused_at=None, digest_days=(1, 5))
    before = await connection.fetch("SELECT chat_id, next_digest_at FROM readers ORDER BY chat_id")
    last, looked_at = None, []
    while True:
        last = await due.adapt_to_clock(connection, now, last, 2)
        looked_at.append(last)
        if last is None:
            break
    assert looked_at == [2, 4, None]
    after = await connection.fetch("SELECT chat_id, next_digest_at FROM readers ORDER BY chat_id")
    assert before == after
