"""Times as a reader says them, in the reader's own zone."""

from __future__ import annotations

from datetime import datetime

from app.readers.schedule import zone
from app.readers.store import Reader
from app.wording import text
from app.wording.dates import day_name


def when(reader: Reader, moment: datetime, now: datetime) -> str:
    """Such as "tomorrow at 08:00"."""
    here = zone(reader.timezone)
    local, today = moment.astimezone(here), now.astimezone(here).date()
    days = (local.date() - today).days
    key = {0: "when.today", 1: "when.tomorrow"}.get(days, "when.on")
    time = local.strftime("%H:%M")
    return text(key, reader.language, time=time, day=day_name(local.date(), reader.language))
