"""Deploys to a host during its first boot, and to hosts that must be refused."""

from __future__ import annotations

import time
from pathlib import Path

from rehearsal.lab.host import FirstBoot, Host, remove_host
from rehearsal.lab.images import SYSTEM
from rehearsal.lab.inventory import write_inventory
from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.secrets import bucket_key, write_secrets
from rehearsal.stage import Stage

NAME = "newborn"
# Longer than the minute after which Ansible's apt module gives up.
FIRST_BOOT = FirstBoot(login=45, cloud_init=55, apt=100)
TOO_OLD = "debian:12"
KEYS_IN_AGENT = 5


def rehearse(stage: Stage) -> None:
    """Deploy to a host that has just started, log in with a full agent, and be refused."""
    stage.secrets = write_secrets(stage.lab.workspace, **bucket_key(wanted=False))
    try:
        _first_boot(stage)
        _too_old_for_the_role(stage)
    finally:
        remove_host(stage.lab.engine.docker, NAME)


def _first_boot(stage: Stage) -> None:
    expect = stage.record.expect
    began = time.monotonic()
    host = stage.lab.new_host(NAME, SYSTEM, FIRST_BOOT)
    play = stage.play("site.yml", "--tags", "base", inventory=_inventory(stage, host))
    seconds = time.monotonic() - began
    expect(
        f"The play waits for a host whose apt is busy for its first {FIRST_BOOT.apt} s",
        play.succeeded and seconds > FIRST_BOOT.apt,
        f"{seconds:.0f} s" if play.succeeded else play.last_words,
    )
    expect("and for its login, with a message", "let anybody in yet" in play.output)
    alone, all_of_them = _log_in_with_full_agent(stage, host)
    expect(
        f"{KEYS_IN_AGENT} keys in an agent do not prevent a login that names the host's",
        alone and not all_of_them,
        f"named: {'in' if alone else 'refused'}, all: {'in' if all_of_them else 'refused'}",
    )


def _too_old_for_the_role(stage: Stage) -> None:
    host = stage.lab.new_host(NAME, TOO_OLD)
    play = stage.play("site.yml", inventory=_inventory(stage, host))
    there = host.ssh("command -v docker git s3fs || true").split()
    stage.record.expect(
        f"{TOO_OLD}, whose s3fs cannot use a role, is refused before anything is installed",
        not play.succeeded and "insists on IMDSv2" in " ".join(play.output.split()) and not there,
        ", ".join(there) or "nothing installed",
    )


def _inventory(stage: Stage, host: Host) -> Path:
    lab = stage.lab
    return write_inventory(lab.workspace, host, lab.for_host, stage.bucket, NAME)


def _log_in_with_full_agent(stage: Stage, host: Host) -> tuple[bool, bool]:
    """Whether a login succeeds with an agent full of other keys: with and without naming the
    key.
    """
    folder = stage.lab.workspace.run / "agent"
    folder.mkdir(exist_ok=True)
    socket = folder / "socket"
    agent = run("ssh-agent", "-a", socket, timeout=10)
    try:
        environment = {"SSH_AUTH_SOCK": str(socket)}
        for number in range(KEYS_IN_AGENT):
            key = folder / f"key-{number}"
            if not key.exists():
                run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key, timeout=10)
            run("ssh-add", "-q", key, timeout=10, environment=environment)
        named = [*host.login(), "true"]
        everything = [one.replace("IdentitiesOnly=yes", "IdentitiesOnly=no") for one in named]
        return _succeeds(named, environment), _succeeds(everything, environment)
    finally:
        pid = agent.split("SSH_AGENT_PID=")[1].split(";")[0]
        run("kill", pid, timeout=10)


def _succeeds(command: list[str], environment: dict[str, str]) -> bool:
    try:
        run(*command, timeout=30, environment=environment)
    except ProgramFailedError:
        return False
    return True
