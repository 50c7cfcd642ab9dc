"""Times as a reader says them, in the reader's own zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from app.readers.store import Reader
from app.wording import text


def when(reader: Reader, moment: datetime, now: datetime) -> str:
    """Such as "tomorrow at 08:00"."""
    zone = ZoneInfo(reader.timezone)
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    days = (local.date() - today).days
    key = {0: "when.today", 1: "when.tomorrow"}.get(days, "when.on")
    return text(key, reader.language, time=local.strftime("%H:%M"), day=local.strftime("%Y-%m-%d"))
