"""The record of a run on a real account tells nothing that is its owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.try_aws.price import Price
from rehearsal.try_aws.record import LeakError, Record, public

PRIVATE = {
    "address": "ssh ubuntu@198.51.100.20 answered",
    "account": "in AWS account 123456789012",
    "instance": "instance i-0123456789abcdef0 (running)",
    "disk": "disk vol-0123456789abcdef0",
    "bucket": "bucket hnpal-try-20261129124256299900000003",
    "folder": "/home/somebody/hnpal/key",
}


@pytest.mark.parametrize("what", PRIVATE)
def test_private_values_are_left_out(what: str) -> None:
    hidden = public(PRIVATE[what])
    for private in ("198.51", "123456789", "0123456", "2026112912", "somebody"):
        assert private not in hidden


def test_a_secret_keeps_the_report_from_being_written(tmp_path: Path) -> None:
    record = Record()
    with record.step("site.yml") as said:
        said.append("the token is 1234:abcdef")
    with pytest.raises(LeakError, match="app_telegram_bot_token"):
        record.write(tmp_path, {"app_telegram_bot_token": "1234:abcdef"})
    assert list(tmp_path.iterdir()) == []


def test_a_failed_step_fails_the_run_and_stands_in_the_report() -> None:
    record = Record()
    with pytest.raises(ValueError), record.step("update.yml"):
        raise ValueError("no | such\nrelease")
    assert not record.passed
    assert "| update.yml | FAILED | 0 | ValueError: no / such release |" in record.page({})


def test_a_run_without_steps_did_not_pass() -> None:
    assert not Record().passed


def test_the_price_grows_with_time_and_is_never_below_a_known_type() -> None:
    assert Price("t3.micro", 90).dollars == pytest.approx(0.05, abs=0.01)
    assert Price("t3.micro", 180).dollars > Price("t3.micro", 90).dollars
    assert Price("p5.48xlarge", 90).dollars > Price("t3.micro", 90).dollars
