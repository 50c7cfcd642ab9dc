"""Sending stops while Telegram does not answer, and one message tries after growing pauses."""

from __future__ import annotations

import math

import pytest

from app.health import Health
from app.telegram.api.outcomes import (
    Accepted,
    CallOutcome,
    ChatGone,
    InDoubt,
    NotAccepted,
    Refused,
    TooManyRequests,
)
from app.telegram.send.breaker import FIRST_PAUSE, MAX_FAILURES, MAX_PAUSE, Breaker

FAILURE = InDoubt("504 Gateway Timeout")


def opened(health: Health | None = None) -> Breaker:
    breaker = Breaker(health)
    for _ in range(MAX_FAILURES):
        breaker.record_outcome(FAILURE, 0)
    return breaker


@pytest.mark.parametrize("failure", [FAILURE, NotAccepted("500 Internal Server Error")])
def test_consecutive_failures_open_the_breaker(failure: CallOutcome) -> None:
    breaker = Breaker()
    for _ in range(MAX_FAILURES - 1):
        breaker.record_outcome(failure, 0)
    breaker.record_outcome(Accepted(1), 0)
    for _ in range(MAX_FAILURES):
        assert not breaker.is_open
        breaker.record_outcome(failure, 0)
    assert breaker.ready_in(0) == FIRST_PAUSE


def test_answers_to_earlier_calls_do_not_close_the_breaker() -> None:
    """Those that come late would let ever more leave, to be in doubt."""
    breaker = Breaker()
    for number in range(MAX_FAILURES):
        breaker.record_outcome(FAILURE, 10 + number, 5 + number)
        breaker.record_outcome(Accepted(1), 10 + number, 4)
    assert breaker.is_open
    breaker.record_outcome(Accepted(2), 14, 6)
    assert breaker.is_open
    breaker.record_send()
    breaker.record_outcome(Accepted(3), 15, 14)
    assert not breaker.is_open


@pytest.mark.parametrize(
    "answer", [Refused("400"), ChatGone("403"), TooManyRequests(9), NotAccepted("slept", ours=True)]
)
def test_refusals_and_unsent_calls_are_not_failures(answer: CallOutcome) -> None:
    breaker = Breaker()
    for _ in range(9):
        breaker.record_outcome(answer, 0)
    assert not breaker.is_open


def test_one_message_is_tried_after_growing_pauses() -> None:
    breaker, now, pauses = opened(), 0.0, []
    for _ in range(8):
        pauses.append(breaker.ready_in(now))
        now += breaker.ready_in(now)
        assert breaker.ready_in(now) == 0
        breaker.record_send()
        assert breaker.ready_in(now) == math.inf
        breaker.record_outcome(FAILURE, now)
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert max(pauses) == MAX_PAUSE
    breaker.record_send()
    breaker.record_outcome(Accepted(1), now)
    assert not breaker.is_open


def test_failures_of_earlier_messages_do_not_prolong_the_pause() -> None:
    breaker = opened()
    for _ in range(20):
        breaker.record_outcome(FAILURE, 0.5)
    assert breaker.ready_in(0) == FIRST_PAUSE


def test_an_unsent_trial_is_repeated() -> None:
    breaker = opened()
    breaker.record_send()
    breaker.record_outcome(NotAccepted("slept", ours=True), 5)
    assert breaker.ready_in(5) == 0


def test_health_records_start_and_number_of_failures() -> None:
    health = Health()
    breaker = opened(health)
    assert health.sending_outage is not None
    assert health.sending_outage.failures == MAX_FAILURES
    breaker.record_reachable()
    breaker.record_empty_queue()
    assert not breaker.is_open
    assert health.sending_outage.ended_at is not None
