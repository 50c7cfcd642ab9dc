"""Times as texts, in the reader's time zone."""

from __future__ import annotations

from datetime import datetime

from app.readers.schedule import zone
from app.readers.store import Reader
from app.wording import Html, text
from app.wording.dates import clock_time, day_name


def describe_time(reader: Reader, moment: datetime, now: datetime) -> str:
    """A time such as "tomorrow at 8:00"."""
    here = zone(reader.timezone)
    local, today = moment.astimezone(here), now.astimezone(here).date()
    days = (local.date() - today).days
    key = {0: "when.today", 1: "when.tomorrow"}.get(days, "when.on")
    time = clock_time(local)
    return text(key, reader.language, time=time, day=day_name(local.date(), reader.language))


def describe_next_digest(reader: Reader, now: datetime) -> str:
    """When the next digest of any kind comes, or why there is none; HTML."""
    if reader.paused_at is not None:
        return text("coming.paused", reader.language)
    planned = [at for at in (reader.next_digest_at, reader.next_weekly_at) if at]
    if not planned:
        key = "coming.none" if reader.onboarding is None else "coming.unfinished"
        return text(key, reader.language)
    described = describe_time(reader, min(planned), now)
    return text("coming.next", reader.language, when=Html(described))
