"""Durations as texts."""

from __future__ import annotations

from app.wording import text

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def duration(seconds: float, language: str) -> str:
    """A duration such as "12 s", "3 min", "5 h 20 min" or "2 d 4 h", rounded."""
    whole = max(0, round(seconds))
    if whole < _MINUTE:
        return text("duration.seconds", language, number=whole)
    if whole < _HOUR:
        return text("duration.minutes", language, number=whole // _MINUTE)
    if whole < _DAY:
        hours, minutes = whole // _HOUR, whole % _HOUR // _MINUTE
        exact = text("duration.hours", language, number=hours)
        return f"{exact} {text('duration.minutes', language, number=minutes)}" if minutes else exact
    days, hours = whole // _DAY, whole % _DAY // _HOUR
    exact = text("duration.days", language, number=days)
    return f"{exact} {text('duration.hours', language, number=hours)}" if hours else exact
