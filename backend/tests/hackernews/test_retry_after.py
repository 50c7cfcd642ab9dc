"""`Retry-After` as a number, as a date, and malformed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.hackernews.retry_after import seconds

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2026 12:01:00 -0000", 60),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds(header: str | None, expected: float | None) -> None:
    assert seconds(header, NOW) == expected
