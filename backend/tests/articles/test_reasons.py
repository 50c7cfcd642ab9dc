"""Every failure has a code and a policy."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest

from app.articles.reasons import Reason, UnreadableError, next_wait


@pytest.mark.parametrize("reason", Reason)
def test_nothing_is_tried_again_at_once(reason: Reason) -> None:
    wait = next_wait(UnreadableError(reason), 1)
    assert wait is None or wait >= timedelta(minutes=1)


def test_server_errors_are_tried_for_ever_at_growing_distances() -> None:
    error = UnreadableError(Reason.SERVER_ERROR)
    waits = [next_wait(error, attempt) for attempt in range(1, 30)]
    assert None not in waits
    assert waits == sorted(wait for wait in waits if wait)


@pytest.mark.parametrize("reason", [Reason.NO_TEXT, Reason.NOT_FOUND, Reason.FORBIDDEN])
def test_what_will_not_change_is_not_tried_for_ever(reason: Reason) -> None:
    assert next_wait(UnreadableError(reason), 2) is None


def test_a_server_may_ask_for_more_time_but_not_for_years() -> None:
    asked = UnreadableError(Reason.TOO_MANY_REQUESTS, retry_after=7200)
    assert next_wait(asked, 1) == timedelta(hours=2)
    greedy = UnreadableError(Reason.TOO_MANY_REQUESTS, retry_after=1e12)
    assert next_wait(greedy, 1) == timedelta(days=1)


def test_errors_travel_between_processes() -> None:
    error = pickle.loads(pickle.dumps(UnreadableError(Reason.NO_TEXT, "3 words", 5)))
    assert (error.reason, error.detail, error.retry_after) == (Reason.NO_TEXT, "3 words", 5)
