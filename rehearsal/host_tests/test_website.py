"""The promises of role `website`: nothing is published unless it is enabled."""

from __future__ import annotations

from testinfra.host import Host

TIMER = "/etc/systemd/system/hnpal-website.timer"


def test_there_is_no_timer_unless_it_is_enabled(host: Host) -> None:
    # Without the unit, systemctl's exit code is 4, which testinfra takes for an error.
    enabled = host.run("systemctl is-enabled --quiet hnpal-website.timer").succeeded
    assert enabled == host.file(TIMER).exists


def test_its_key_if_it_has_one_is_for_root_alone(host: Host) -> None:
    for path in ("/etc/hnpal/website.key", "/etc/hnpal/website.credentials"):
        key = host.file(path)
        if key.exists:
            assert key.mode == 0o600
            assert key.user == "root"
