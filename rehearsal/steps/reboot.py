"""An unattended reboot."""

from __future__ import annotations

import time
from contextlib import suppress

from rehearsal.containers import healthy
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.stage import BACK_SECONDS, Stage


def run(stage: Stage) -> None:
    """Reboot under load, and wait without intervening until everything is back."""
    limit = BACK_SECONDS * stage.record.patience
    with stage.drill("Reboot") as drill:
        drill.mark("systemctl reboot")
        began = time.time()
        stage.reboot()
        back = _all_back(stage, began + limit)
        drill.mark("all back")
        seconds = time.time() - began
    expect = stage.record.expect
    expect("After a reboot the bot starts by itself", back, f"healthy after {seconds:.0f} s")
    mounted = stage.wait_for("findmnt --noheadings --types fuse.s3fs /mnt/s3data", 60)
    expect("and so does the bucket", mounted)
    timers = stage.host.ssh("systemctl is-active hnpal-backup.timer || true").strip()
    expect("and so do the backups' timers", timers == "active", timers)
    # PostgreSQL stops at the same moment, so no outcome of messages in flight can be recorded.
    stage.expect_nothing_lost(drill, "Reboot", in_flight=1)


def _all_back(stage: Stage, deadline: float) -> bool:
    while time.time() < deadline:
        with suppress(ProgramFailedError):  # Docker may not have started yet
            if healthy(stage.host):
                return True
        time.sleep(1)
    return False
