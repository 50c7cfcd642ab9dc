"""Dates as texts."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from babel.dates import format_date

from app.wording import FALLBACK, LANGUAGES
from app.wording.locales import about, locale


def clock_time(at: time | datetime) -> str:
    """A time of day such as "7:30" or "19:30", in every language."""
    return f"{at.hour}:{at.minute:02}"


@lru_cache
def day_name(day: date, language: str) -> str:
    """A date such as "Monday, 23 November", without the year."""
    spoken = _spoken(language)
    return format_date(day, about(spoken)["day"], locale=locale(spoken))


def past_day(day: date, language: str) -> str:
    """A date such as "3 November 2026"."""
    return format_date(day, "long", locale=locale(_spoken(language)))


def _spoken(language: str) -> str:
    return language if language in LANGUAGES else FALLBACK
