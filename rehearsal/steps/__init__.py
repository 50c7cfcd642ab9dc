"""The steps of a rehearsal, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.stage import Stage
from rehearsal.steps import (
    backup,
    bad_release,
    deploy,
    destroy,
    eyes,
    faults,
    host,
    infrastructure,
    reboot,
    rollback,
    rotate,
    update,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One idea of the rehearsal."""

    name: str
    title: str
    run: Callable[[Stage], None]
    needs: tuple[str, ...] = ()


STEPS = (
    Step("infrastructure", "The host's surroundings, by Terraform", infrastructure.run),
    Step("host", "A bare host", host.run),
    Step("deploy", "From bare to a live bot", deploy.run, ("host",)),
    Step("update", "Ten updates under load", update.run, ("deploy",)),
    Step("bad-release", "Releases that must not stay", bad_release.run, ("deploy",)),
    Step("rollback", "Going back, two operators, interruptions", rollback.run, ("deploy",)),
    Step("faults", "Kills, outages and a full disk", faults.run, ("deploy",)),
    Step("reboot", "A reboot", reboot.run, ("deploy",)),
    Step("backup", "Loss of the data, and restoring it", backup.run, ("deploy",)),
    Step("rotate", "New secrets", rotate.run, ("deploy",)),
    Step("eyes", "What others' tools say of the host", eyes.run, ("deploy",)),
    Step("destroy", "Taking everything down", destroy.run, ("infrastructure",)),
)
