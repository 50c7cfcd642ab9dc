"""The promises of role `backup`: nightly dumps, weekly trial restores, and no leaked secret."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host

TIMERS = ("hnpal-backup.timer", "hnpal-backup-drill.timer")


@pytest.mark.parametrize("timer", TIMERS)
def test_the_timers_run_now_and_after_a_boot(host: Host, timer: str) -> None:
    assert host.service(timer).is_running
    assert host.service(timer).is_enabled


@pytest.mark.parametrize("timer", TIMERS)
def test_a_missed_backup_is_made_up_for(host: Host, timer: str) -> None:
    assert "Persistent=true" in host.file(f"/etc/systemd/system/{timer}").content_string


def test_dumps_are_for_root_alone(host: Host) -> None:
    assert host.file("/var/backups/hnpal").mode == 0o700
    assert host.file("/var/backups/hnpal").user == "root"


def test_the_program_lists_the_dumps(host: Host) -> None:
    assert host.run("hnpal-backup list").succeeded


def test_its_settings_hold_no_password(host: Host) -> None:
    settings = json.loads(host.file("/etc/hnpal/backup.json").content_string)
    assert "password" not in json.dumps(settings).lower()
