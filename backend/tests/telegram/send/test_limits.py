"""The limits keep below what Telegram allows without wasting what it allows."""

from __future__ import annotations

import pytest

from app.telegram.send.limits import BURST, Limits, Rates

TELEGRAM = Rates(overall=30, chat=1, group=20)
NO_LIMITS = Rates(0, 0, 0)


def send_for(limits: Limits, seconds: float, *, stall: tuple[float, float] = (0, 0)) -> list[float]:
    """When messages to ever new chats would leave, on a clock that the test turns."""
    sent: list[float] = []
    now = 0.0
    chat_id = 0
    while now < seconds:
        wait = limits.ready_in(now)
        if wait > 0:
            now += wait
        elif stall[0] <= now < stall[1]:
            now = stall[1]
        else:
            chat_id += 1
            say(limits, chat_id, now)
            sent.append(now)
    return sent


def say(limits: Limits, chat_id: int, now: float) -> None:
    """A message leaves and is answered at once."""
    limits.release(limits.acquire(chat_id, now), now)


def most_in_any_second(times: list[float]) -> int:
    return max(sum(start <= time < start + 1 for time in times) for start in times)


def test_the_overall_rate_is_reached_and_never_exceeded() -> None:
    sent = send_for(Limits(TELEGRAM), 60)
    assert len(sent) >= 29 * 60
    assert most_in_any_second(sent) <= 30


def test_catching_up_after_a_stall_does_not_pass_the_rate() -> None:
    sent = send_for(Limits(TELEGRAM), 20, stall=(5.0, 5.7))
    assert most_in_any_second(sent) <= 30


def test_messages_are_spread_over_the_second() -> None:
    sent = send_for(Limits(TELEGRAM), 10)
    assert sum(time < 0.5 for time in sent) <= 15 + BURST


def test_a_private_chat_gets_one_message_a_second() -> None:
    limits = Limits(TELEGRAM)
    say(limits, 5, now=10.0)
    assert limits.busy_chats(10.9) == [5]
    assert limits.busy_chats(11.1) == []


def test_a_group_gets_no_more_than_twenty_a_minute() -> None:
    limits = Limits(TELEGRAM)
    sent, now = 0, 0.0
    while now < 60:
        if limits.busy_chats(now):
            now += 0.5
        else:
            say(limits, -100, now)
            sent += 1
    assert sent == 20


def test_one_refused_chat_does_not_stop_the_rest() -> None:
    limits = Limits(TELEGRAM)
    limits.refused(5, retry_after=30, now=0.0)
    assert limits.busy_chats(29.0) == [5]
    assert limits.ready_in(0.1) == 0


def test_two_refused_chats_at_once_halt_everything() -> None:
    limits = Limits(TELEGRAM)
    limits.refused(5, retry_after=3, now=0.0)
    limits.refused(6, retry_after=3, now=0.1)
    assert limits.ready_in(1.0) >= 2
    assert limits.ready_in(3.2) == 0


def test_a_chat_that_has_to_wait_longer_does_not_prolong_the_halt() -> None:
    limits = Limits(TELEGRAM)
    limits.refused(5, retry_after=3, now=0.0)
    limits.refused(6, retry_after=60, now=0.1)
    assert limits.ready_in(1.0) >= 2
    assert limits.ready_in(3.2) == 0
    assert limits.busy_chats(3.2) == [6]


def test_the_same_chat_refused_twice_halts_only_that_chat() -> None:
    limits = Limits(TELEGRAM)
    limits.refused(5, retry_after=3, now=0.0)
    limits.refused(5, retry_after=3, now=0.1)
    assert limits.ready_in(0.2) == 0


def test_no_limits_means_no_waiting() -> None:
    limits = Limits(NO_LIMITS)
    for _ in range(1000):
        assert limits.ready_in(0.0) == 0
        say(limits, 1, 0.0)
    assert limits.busy_chats(0.0) == []


def test_a_reserved_place_is_kept_for_its_owner() -> None:
    """The sender would take each place as it becomes free, and nobody else ever had one."""
    limits = Limits(Rates(30, 1, 20))
    limits.reserve(5.0)
    assert limits.ready_in(4.9) > 0
    assert limits.ready_in(4.9, reserved=True) == 0
    assert limits.ready_in(5.0) == 0
    for place in range(30):
        limits.release(limits.acquire(place, 5.0), 5.0)
    assert limits.ready_in(5.1, reserved=True) > 0  # it is no more than a place


def test_inactive_groups_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever adds the bot to ever more groups does not fill its memory."""
    monkeypatch.setattr("app.telegram.send.limits.MAX_GROUPS", 3)
    limits = Limits(Rates(0, 0, 1))
    for number in range(1, 9):
        limits.release(limits.acquire(-number, 100.0 * number), 100.0 * number)
    assert len(limits._groups) <= 3
    assert limits.busy_chats(801.0) == [-8]
