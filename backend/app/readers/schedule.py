"""When a reader's digests are due, in the reader's time zone and across its clock changes.

A digest belongs to a slot: a local date and the time on it that the reader chose. Each date has one
slot, however often its clocks show that time. A time inside a spring gap is moved by the length of
the gap (02:30 becomes 03:30); of a time that occurs twice in autumn, the first one counts: PEP 495,
`fold=0`.

After a change of time zone, dates are those of the new zone. If it is an earlier date there, a date
that has had its digest gets no second one; if it is a later date, the last digest counts for the
date on which it was due in the new zone. No digest follows another within `SOON`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# Two digests are further apart than this. A late digest closer to the next slot than this takes
# that slot.
SOON = timedelta(hours=6)
LATE = timedelta(hours=1)
REMEMBERED_SLOTS = 64
# Contains every weekday, the first one twice.
WEEK_AND_A_DAY = 8


@dataclass(frozen=True, slots=True)
class Slot:
    """A digest's place in the calendar: its local date, and when it is due."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Schedule:
    """A time of day, the ISO weekdays on which it applies (1 is Monday), and a time zone."""

    timezone: str
    at: time
    weekdays: tuple[int, ...]

    def next_slot(
        self, now: datetime, *, after_day: date = date.min, taken: Collection[date] = ()
    ) -> Slot | None:
        """The first slot after `now` on a date after `after_day` that is not `taken`; None without
        weekdays.
        """
        start = max(local_day(self.timezone, now), after_day)
        days = WEEK_AND_A_DAY + 1 + 7 * len(taken)
        slots = (self._slot(start + timedelta(days=n)) for n in range(days))
        return next(
            (
                slot
                for slot in slots
                if slot and slot.at > now and slot.day > after_day and slot.day not in taken
            ),
            None,
        )

    def slot_after(self, last: Slot, now: datetime, taken: Collection[date] = ()) -> Slot | None:
        """The first slot after `now` that follows the `last` digest, in whichever zone that was.

        A last digest in the future shows that the clock was ahead: dates before it get their
        digests, except those that have one (`taken`).
        """
        if last.at > now + SOON:
            return self.next_slot(now, taken={*taken, last.day})
        day = max(last.day, local_day(self.timezone, last.at))
        return self.next_slot(max(now, last.at + SOON), after_day=day, taken=taken)

    def last_slot(self, now: datetime) -> Slot | None:
        """The last slot that is not after `now`."""
        today = local_day(self.timezone, now)
        slots = (self._slot(today - timedelta(days=n)) for n in range(WEEK_AND_A_DAY))
        return next((slot for slot in slots if slot and slot.at <= now), None)

    # The readers of a batch share the time, and many of them the schedule.
    @lru_cache(REMEMBERED_SLOTS)  # noqa: B019 - schedules are values
    def slot_of_digest(self, now: datetime) -> Slot:
        """The slot of a digest made at `now`.

        A digest for 23:59 that is made a minute late still belongs to that date. One that is made
        late and shortly before the next slot belongs to the next one, to avoid two in a row.
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
    """The date in `timezone` at `now`."""
    return now.astimezone(zone(timezone)).date()


@lru_cache(maxsize=600)
def zone(name: str) -> ZoneInfo:
    """The zone of that name; UTC if the zone database does not have it any more."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
