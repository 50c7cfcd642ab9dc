"""The promise of role `lock`: a lock ends with its run."""

from __future__ import annotations

from testinfra.host import Host


def test_no_run_left_its_lock(host: Host) -> None:
    lock = host.file("/run/hnpal.lock")
    assert not lock.exists or lock.content_string.strip() in ("", "{}")
