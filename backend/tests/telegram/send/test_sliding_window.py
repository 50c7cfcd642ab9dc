"""However late each message arrives between its leaving and its answer: never too many at once."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.telegram.send.limits import Limits, Rates
from app.telegram.send.sliding_window import OVERTAKEN_SECONDS, Permit, SlidingWindow

TELEGRAM = Rates(overall=30, chat=1, group=20)
# Seconds of one message's way there and of its answer's way back.
Ways = Callable[[random.Random], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Fanout:
    """When each message left and when it arrived."""

    left: list[float]
    arrived: list[float]

    def most_within(self, seconds: float) -> int:
        times = sorted(self.arrived)
        first = most = 0
        for last, time in enumerate(times):
            while times[first] <= time - seconds:
                first += 1
            most = max(most, last - first + 1)
        return most

    def rate(self, since: float) -> float:
        late = [time for time in self.left if time >= since]
        return (len(late) - 1) / (late[-1] - late[0])

    def refusals_of_a_token_bucket(self, capacity: int, rate: float) -> int:
        tokens, filled_at, refused = float(capacity), 0.0, 0
        for time in sorted(self.arrived):
            tokens = min(capacity, tokens + rate * (time - filled_at))
            filled_at = time
            refused += tokens < 1
            tokens -= tokens >= 1
        return refused


def fan_out(
    ways: Ways, seed: int, *, seconds: float = 30.0, stalls: float = 0.0, claim: float = 0.0
) -> Fanout:
    """Send to ever new chats for `seconds` of simulated time; `stalls` is how often in a second the
    process is held up for up to half a second, `claim` how long before leaving messages are taken.
    """
    dice = random.Random(seed)
    limits = Limits(TELEGRAM)
    fanout = Fanout([], [])
    answers: list[tuple[float, int, Permit]] = []
    now, chat_id = 0.0, 0
    while now < seconds:
        while answers and answers[0][0] <= now:
            limits.release(heapq.heappop(answers)[2], now)
        if stalls and dice.random() < stalls / 30:
            now += dice.uniform(0, 0.5)
            continue
        wait = limits.ready_in(now + claim)
        if wait > 0:
            now = min(now + wait, answers[0][0] if answers else now + wait)
            continue
        count = limits.batch_size(now + claim, 30)
        now += claim
        while answers and answers[0][0] <= now:
            at, _, departure = heapq.heappop(answers)
            limits.release(departure, at)
        for _ in range(count):
            chat_id += 1
            there, back = ways(dice)
            fanout.left.append(now)
            fanout.arrived.append(now + there)
            heapq.heappush(answers, (now + there + back, chat_id, limits.acquire(chat_id, now)))
    return fanout


def steady(there: float, back: float, jitter: float) -> Ways:
    return lambda dice: (there + dice.uniform(0, jitter), back + dice.uniform(0, jitter))


@given(
    most=st.integers(1, 5),
    gaps=st.lists(st.floats(0, 0.6), min_size=10, max_size=60),
    there=st.lists(st.floats(0, 3), min_size=60, max_size=60),
    back=st.lists(st.floats(0, 3), min_size=60, max_size=60),
)
@settings(max_examples=200, deadline=None)
def test_no_latencies_exceed_the_limit(
    most: int, gaps: list[float], there: list[float], back: list[float]
) -> None:
    """Without a guess at the quickest answer, and with none overtaken, nothing can."""
    window = SlidingWindow(most, 1.0)
    answers: list[tuple[float, int, Permit]] = []
    arrived: list[float] = []
    now = 0.0
    for number, gap in enumerate(gaps):
        now += gap
        while True:
            while answers and answers[0][0] <= now:
                window.release(heapq.heappop(answers)[2], now)
            if window.free_at() <= now:
                break
            at = window.free_at()
            assert at > now
            now = min(at, answers[0][0]) if answers else at
        departure = Permit(number, now)
        window.acquire(departure)
        # Whoever is overtaken after all stays within what counts as that.
        way = there[number] * OVERTAKEN_SECONDS / 3
        arrived.append(now + way)
        heapq.heappush(answers, (now + way + back[number], number, departure))
    assert Fanout([], arrived).most_within(1.0 - 1e-9) <= most


@given(
    seed=st.integers(0, 2**32),
    there=st.floats(0, 0.2),
    back=st.floats(0, 0.2),
    jitter=st.sampled_from([0.0, 0.001, 0.01, 0.05, 0.2]),
    stalls=st.sampled_from([0.0, 1.0]),
)
@settings(max_examples=100, deadline=None)
def test_the_limit_at_telegram_is_never_exceeded(
    seed: int, there: float, back: float, jitter: float, stalls: float
) -> None:
    fanout = fan_out(steady(there, back, jitter), seed, stalls=stalls)
    assert fanout.most_within(1.0) <= 30
    assert fanout.refusals_of_a_token_bucket(30, 30) == 0


@pytest.mark.parametrize("latency", [0.0, 0.02, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_latency_does_not_reduce_the_rate(latency: float, share: float) -> None:
    fanout = fan_out(steady(latency * share, latency * (1 - share), 0.002), 1, seconds=60)
    assert fanout.rate(since=10) >= 29
    assert fanout.most_within(1.0) <= 30


def test_a_claim_may_take_longer_than_a_message_has() -> None:
    fanout = fan_out(steady(0.005, 0.005, 0.002), 1, seconds=60, claim=0.04)
    assert fanout.rate(since=10) >= 29
    assert fanout.most_within(1.0) <= 30


def test_a_stall_does_not_exceed_the_limit() -> None:
    window = SlidingWindow(30, 1.0)
    departures = [Permit(number, 0.0) for number in range(30)]
    for departure in departures:
        window.acquire(departure)
    assert window.free_at() > 60.0
    for departure in departures:
        window.release(departure, 60.0)
    assert window.free_at() > 60.9
    assert window.free_at() < 61.1


def test_an_unanswered_message_delays_others_only_briefly() -> None:
    window = SlidingWindow(1, 1.0)
    window.acquire(Permit(1, 0.0))
    assert window.free_at() > 1.5
    later = Permit(2, OVERTAKEN_SECONDS + 0.1)
    window.acquire(later)
    window.release(later, later.at + 0.1)
    assert window.free_at() < later.at + 1.2
