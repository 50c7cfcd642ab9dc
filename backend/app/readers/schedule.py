"""When a reader's digests are due, in the reader's own zone and through its clock changes.

A digest belongs to a slot: a local date and the moment on it that the reader chose. A date has one
slot, however often or seldom its clocks show the chosen time. At a spring gap a time that does not
exist is taken as far after midnight as the clocks would have shown it (02:30 becomes 03:30), and in
autumn a time that comes twice is taken the first time: PEP 495, `fold=0`.

Who travels takes the calendar along. Where it is an earlier date, the date that had its digest
elsewhere has it still; where it is a later one, the last digest counts for the date that it was
there. And nothing comes so `SOON` after a digest that the two would be read together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Two digests are further apart than this. One that an outage delayed until so shortly before the
# next slot takes that slot's place.
SOON = timedelta(hours=6)
LATE = timedelta(hours=1)
# Holds every weekday, the first one twice.
WEEK_AND_A_DAY = 8


@dataclass(frozen=True, slots=True)
class Slot:
    """A digest's place in the calendar: the local date it is for, and the moment it is due."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """A time of day, the ISO weekdays on which it counts (1 is Monday), and where."""

    timezone: str
    at: time
    weekdays: Collection[int]

    def next_slot(self, now: datetime, *, after_day: date = date.min) -> Slot | None:
        """The first slot after `now` on a date after `after_day`; None without weekdays."""
        start = max(local_day(self.timezone, now), after_day)
        slots = (self._slot(start + timedelta(days=n)) for n in range(WEEK_AND_A_DAY + 1))
        return next(
            (slot for slot in slots if slot and slot.at > now and slot.day > after_day), None
        )

    def slot_after(self, last: Slot, now: datetime) -> Slot | None:
        """The first slot after `now` that follows the `last` digest, wherever that was due."""
        day = max(last.day, local_day(self.timezone, last.at))
        return self.next_slot(max(now, last.at + SOON), after_day=day)

    def last_slot(self, now: datetime) -> Slot | None:
        """The last slot that is not after `now`."""
        today = local_day(self.timezone, now)
        slots = (self._slot(today - timedelta(days=n)) for n in range(WEEK_AND_A_DAY))
        return next((slot for slot in slots if slot and slot.at <= now), None)

    def slot_of_digest(self, now: datetime) -> Slot:
        """The slot that a digest made at `now` is for.

        A digest for 23:59 that is made a minute late is still that date's. One that is made late
        and shortly before the next slot is the next one's, or there would be two in a row.
        """
        last, following = self.last_slot(now), self.next_slot(now)
        if last is None:
            return Slot(local_day(self.timezone, now), now)
        if following and following.at - now < SOON and now - last.at > LATE:
            return following
        return last

    def _slot(self, day: date) -> Slot | None:
        if day.isoweekday() not in self.weekdays:
            return None
        return Slot(day, datetime.combine(day, self.at, zone(self.timezone)).astimezone(UTC))


def local_day(timezone: str, now: datetime) -> date:
    """The date that it is in `timezone`."""
    return now.astimezone(zone(timezone)).date()


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC for a name that the zone database no longer knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
