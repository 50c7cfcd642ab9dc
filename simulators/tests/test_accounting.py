"""What the rehearsal's figures rest on."""

from __future__ import annotations

from simulators.accounting import LATE_SECONDS, Answer, account, longest_gap


def test_each_outcome_is_counted_separately() -> None:
    asked = {1: 10.0, 2: 10.5, 3: 11.0, 4: 11.5}
    answers = [
        Answer(1, 10.2),
        Answer(2, 10.6),
        Answer(2, 12.0),
        Answer(4, 11.5 + LATE_SECONDS + 1),
    ]
    seen = account(asked, answers)
    assert (seen.asked, seen.lost, seen.duplicated, seen.late) == (4, 1, 1, 1)
    assert seen.latency_worst == LATE_SECONDS + 1


def test_answers_to_other_questions_do_not_count() -> None:
    seen = account({1: 10.0}, [Answer(2, 10.1)])
    assert (seen.lost, seen.duplicated) == (1, 0)


def test_a_silence_extends_beyond_the_observed_period() -> None:
    moments = [1.0, 2.0, 9.0, 9.5]
    assert longest_gap(moments, 3.0, 8.0) == 7.0
    assert longest_gap(moments, 9.0, 9.5) == 7.0
    assert longest_gap([], 0.0, 1.0) == 0.0
