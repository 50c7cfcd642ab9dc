"""When a reader's next digest is due, in the reader's own zone and through its clock changes.

A digest belongs to a local date. At a spring gap a time that does not exist that day is taken as the same distance
after midnight (02:30 becomes 03:30), and in autumn a time that exists twice is taken the first time, so every
chosen day has exactly one digest: PEP 495, `fold=0`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo


class Scheduled(Protocol):
    """What the time of a digest depends on."""

    @property
    def timezone(self) -> str: ...
    @property
    def digest_time(self) -> time: ...
    @property
    def digest_days(self) -> tuple[int, ...]: ...
    @property
    def weekly_day(self) -> int | None: ...


def next_digest(reader: Scheduled, now: datetime) -> datetime | None:
    """The first daily digest after `now`, in UTC; None when no weekday is chosen."""
    return _next(reader.timezone, reader.digest_time, reader.digest_days, now)


def next_weekly(reader: Scheduled, now: datetime) -> datetime | None:
    """The first weekly digest after `now`, in UTC; None when the reader wants none."""
    days = () if reader.weekly_day is None else (reader.weekly_day,)
    return _next(reader.timezone, reader.digest_time, days, now)


def local_day(timezone: str, now: datetime) -> date:
    """The date that it is for a reader in `timezone`."""
    return now.astimezone(_zone(timezone)).date()


def _next(timezone: str, at: time, days: Collection[int], now: datetime) -> datetime | None:
    zone = _zone(timezone)
    today = now.astimezone(zone).date()
    # A week and a day hold every weekday, the present one twice.
    for day in (today + timedelta(days=n) for n in range(9)):
        moment = datetime.combine(day, at, zone).astimezone(UTC)
        if day.isoweekday() in days and moment > now:
            return moment
    return None


@lru_cache(maxsize=600)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
