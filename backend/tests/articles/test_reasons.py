"""Every failure has a code and a policy."""

from __future__ import annotations

import pickle
from datetime import timedelta
from pathlib import Path

import pytest

from app.articles.reasons import PageUnreadableError, Reason, next_wait

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("reason", Reason)
def test_nothing_is_tried_again_at_once(reason: Reason) -> None:
    wait = next_wait(PageUnreadableError(reason), 1)
    assert wait is None or wait >= timedelta(minutes=1)


def test_server_errors_are_tried_for_ever_at_growing_distances() -> None:
    error = PageUnreadableError(Reason.SERVER_ERROR)
    waits = [next_wait(error, attempt) for attempt in range(1, 30)]
    assert None not in waits
    assert waits == sorted(wait for wait in waits if wait)


@pytest.mark.parametrize("reason", [Reason.NO_TEXT, Reason.NOT_FOUND, Reason.FORBIDDEN])
def test_permanent_failures_are_not_retried_for_ever(reason: Reason) -> None:
    assert next_wait(PageUnreadableError(reason), 2) is None


def test_a_server_may_ask_for_more_time_but_not_for_years() -> None:
    asked = PageUnreadableError(Reason.TOO_MANY_REQUESTS, retry_after=7200)
    assert next_wait(asked, 1) == timedelta(hours=2)
    greedy = PageUnreadableError(Reason.TOO_MANY_REQUESTS, retry_after=1e12)
    assert next_wait(greedy, 1) == timedelta(days=1)


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(PageUnreadableError(Reason.NO_TEXT, "3 words", 5)))
    assert (error.reason, error.detail, error.retry_after) == (Reason.NO_TEXT, "3 words", 5)


def test_the_documentation_knows_every_reason_and_its_waits() -> None:
    lines = (ROOT / "docs" / "reading.md").read_text("utf-8").splitlines()
    for reason in Reason:
        [row] = [line for line in lines if line.startswith("| `") and f"`{reason}`" in line]
        told = row.split("|")[2].strip()
        waits: list[str] = []
        for attempts in range(1, 9):
            wait = next_wait(PageUnreadableError(reason), attempts)
            minutes = round(wait.total_seconds() / 60) if wait else 0
            if not minutes or (words := in_words(minutes)) in waits:
                break
            waits.append(words)
        for_ever = next_wait(PageUnreadableError(reason), 99) is not None
        if for_ever:
            waits[-1] = f"then every {waits[-1]}"
        assert told.partition(";")[0] == (", ".join(waits) or "–"), reason


def in_words(minutes: int) -> str:
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h"
