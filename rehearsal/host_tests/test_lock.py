"""What role `lock` promises: it ends with its run."""

from __future__ import annotations

from testinfra.host import Host


def test_no_run_left_its_lock(host: Host) -> None:
    assert not host.file("/run/hnpal.lock").exists
