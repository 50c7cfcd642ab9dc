"""The steps of a rehearsal, in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rehearsal.stage import Stage
from rehearsal.steps import (
    audit,
    backup,
    bad_release,
    chaos,
    cut,
    deploy,
    destroy,
    faults,
    first_contact,
    host,
    infrastructure,
    operations,
    reboot,
    rollback,
    rotate,
    swarm,
    update,
    upgrade,
    way_back,
)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the rehearsal."""

    name: str
    title: str
    run: Callable[[Stage], None]
    needs: tuple[str, ...] = ()
    anywhere: bool = True
    """Whether any host will do; the others need hosts that the rehearsal makes itself."""


STEPS = (
    Step("infrastructure", "Infrastructure by Terraform", infrastructure.run),
    Step("host", "A bare host", host.run),
    Step("deploy", "From a bare host to a live bot", deploy.run, ("host",)),
    Step("update", "Ten updates under load", update.run, ("deploy",)),
    Step("bad-release", "Bad releases", bad_release.run, ("deploy",)),
    Step("rollback", "Rollback, two operators, interruptions", rollback.run, ("deploy",)),
    Step(
        "operations",
        "Maintenance, audit, hooks, consoles, heartbeat, doctor",
        operations.run,
        ("deploy",),
        anywhere=False,
    ),
    Step("cut", "Runs interrupted at many points", cut.run, ("deploy",)),
    Step("chaos", "Faults by a seed at any moment of any play", chaos.run, ("deploy",)),
    Step(
        "upgrade",
        "Engine, PostgreSQL, Redis and base, upgraded under load",
        upgrade.run,
        ("deploy",),
        anywhere=False,
    ),
    Step("faults", "Kills, outages and a full disk", faults.run, ("deploy",)),
    Step("reboot", "A reboot", reboot.run, ("deploy",)),
    Step("backup", "Loss and restore of the data", backup.run, ("deploy",)),
    Step("way-back", "The previous release and back, with full queues", way_back.run, ("deploy",)),
    Step("rotate", "New secrets", rotate.run, ("deploy",)),
    Step("audit", "Audits by independent tools", audit.run, ("deploy",)),
    Step("first-contact", "A host during its first boot", first_contact.rehearse, anywhere=False),
    Step("swarm", "Two hosts in a swarm", swarm.run, anywhere=False),
    Step("destroy", "Destroying everything", destroy.run, ("infrastructure",)),
)
