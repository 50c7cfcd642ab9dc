"""Dates as people say them."""

from __future__ import annotations

from datetime import date

from app.wording import text


def day_name(day: date, language: str) -> str:
    """Such as "Monday, 23 November"; the year goes without saying."""
    return text(
        "date.day",
        language,
        weekday=text(f"date.weekday_{day.isoweekday()}", language),
        day=day.day,
        month=text(f"date.month_{day.month}", language),
    )


def past_day(day: date, language: str) -> str:
    """Such as "3 November 2026"."""
    month = text(f"date.month_{day.month}", language)
    return text("date.past", language, day=day.day, month=month, year=day.year)
