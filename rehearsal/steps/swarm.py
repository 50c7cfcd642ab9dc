"""Docker Swarm on two hosts: deployed, updated, without one of them, and given a bad release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rehearsal.lab.host import Host, cut_power, find_host, remove_host, restore_power
from rehearsal.lab.inventory import write_group
from rehearsal.lab.managed import ManagedServices, remove_managed_services, start_managed_services
from rehearsal.lab.secrets import bucket_key, write_secrets
from rehearsal.repository import harmless
from rehearsal.stage import Stage, StepFailedError
from rehearsal.steps.bad_release import HEALTH_SECONDS, does_not_start

MANAGER, WORKER = "swarm-1", "swarm-2"
READER = 4_000_002
ANSWER_SECONDS = 30
TAKEOVER_SECONDS = 15
REPAIR_SECONDS = 180
# The key of the leader's advisory lock: app.database.locks.
LEADER_LOCK = 0x484E_0001
LEADER = f"""
    SELECT host(client_addr) FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objid = {LEADER_LOCK}
"""
INSTANCES = (
    "docker ps --filter label=com.docker.swarm.service.name=hnpal_app --filter health=healthy"
    " --format '{{.Image}}'"
)


@dataclass(frozen=True, slots=True)
class Swarm:
    """Two hosts, and the services that both use."""

    stage: Stage
    hosts: Mapping[str, Host]
    services: ManagedServices
    inventory: Path

    def play(self, playbook: str, *arguments: str) -> float:
        """Run a playbook that must succeed; returns its duration in seconds.

        Raises:
            StepFailedError: it fails.
        """
        play = self.stage.play(playbook, *arguments, inventory=self.inventory)
        if not play.succeeded:
            raise StepFailedError(f"{playbook} failed:\n{play.last_words}")
        return play.seconds

    def images(self) -> list[str]:
        """The image of each healthy instance, of all hosts."""
        return [image for host in self.hosts.values() for image in host.ssh(INSTANCES).split()]

    def runs(self, commit: str) -> bool:
        """Whether each host has one healthy instance, of the release `commit`."""
        images = self.images()
        return len(images) == len(self.hosts) and all(f":{commit}" in one for one in images)

    def leader(self) -> str:
        """The name of the host whose instance polls; empty while there is none."""
        address = self.services.query(LEADER)
        return next((name for name, host in self.hosts.items() if host.address == address), "")


def run(stage: Stage) -> None:
    """Deploy, update, switch each leader's host off, and deploy a release that must not stay."""
    with _two_hosts(stage) as swarm:
        _deploy(swarm)
        _update(swarm)
        # The first takeover makes the other host's instance the leader, so both are switched off.
        for number in 1, 2:
            _switch_leader_off(swarm, number)
        _bad_release(swarm)


@contextmanager
def _two_hosts(stage: Stage) -> Iterator[Swarm]:
    lab, docker = stage.lab, stage.lab.engine.docker
    stage.secrets = write_secrets(lab.workspace, **bucket_key(wanted=False))
    stage.telegram.post("settings", {"token": stage.secrets["app_telegram_bot_token"]})
    try:
        services = start_managed_services(lab.engine, stage.secrets["app_database_password"])
        hosts = {name: lab.new_host(name) for name in (MANAGER, WORKER)}
        inventory = write_group(
            lab.workspace,
            "swarm",
            hosts,
            lab.for_host,
            stage.bucket,
            docker_live_restore=False,
            app_data_services=[],
            app_dump_command=[],
            app_database_url="postgresql+asyncpg://hn_pal:{{ app_database_password }}"
            f"@{services.postgres_address}:5432/hn_pal",
            app_redis_url=f"redis://{services.redis_address}:6379/0",
        )
        yield Swarm(stage, hosts, services, inventory)
    finally:
        for name in MANAGER, WORKER:
            remove_host(docker, name)
        remove_managed_services(docker)


def _deploy(swarm: Swarm) -> None:
    stage = swarm.stage
    expect = stage.record.expect
    docker = swarm.play("site.yml", "--tags", "base,docker")
    first = swarm.play("swarm.yml")
    commit = stage.repository.head()
    expect(
        "The first swarm.yml starts one healthy instance on each host",
        swarm.runs(commit),
        f"Docker in {docker:.0f} s, the swarm in {first:.0f} s: {', '.join(swarm.images())}",
    )
    stage.telegram.say(READER, "/start")
    answers = stage.telegram.wait_for_messages(READER, 1, ANSWER_SECONDS * stage.record.patience)
    expect("The bot answers /start", bool(answers))
    again = stage.play("swarm.yml", inventory=swarm.inventory)
    stage.record.at_most(
        "Changes by a second swarm.yml",
        again.changed if again.succeeded else 1,
        0,
        "",
        f"changed={again.changed}, {again.seconds:.0f} s",
    )


def _update(swarm: Swarm) -> None:
    stage = swarm.stage
    commit = stage.repository.release("A release for the swarm", harmless(500))
    with stage.drill("Update of the swarm") as drill:
        drill.mark("swarm.yml")
        seconds = swarm.play("swarm.yml")
        drill.mark("done")
    stage.record.expect(
        "An update replaces both instances",
        swarm.runs(commit),
        f"{seconds:.0f} s; silence {drill.poll_silence:.2f} s between polls,"
        f" {drill.answer_silence:.2f} s between answers",
    )
    stage.expect_nothing_lost(drill, "The update")


def _switch_leader_off(swarm: Swarm, number: int) -> None:
    stage, docker = swarm.stage, swarm.stage.lab.engine.docker
    leader = swarm.leader()
    if not leader:
        raise StepFailedError("No instance leads.")
    role = "manager" if leader == MANAGER else "worker"
    commit = stage.repository.head()
    with stage.drill(f"{number}. Power-off of {leader}, the {role}, whose instance leads") as drill:
        drill.mark("power off")
        stage.operator.disconnect()
        cut_power(docker, leader)
        taken = stage.wait_until(lambda: swarm.leader() not in {"", leader}, 4 * TAKEOVER_SECONDS)
        drill.mark("another leads" if taken else "no other leads")
    what = f"The power-off of the {role}, which led"
    silence = drill.poll_silence
    stage.record.at_most(f"{what}: the other polls", silence, TAKEOVER_SECONDS)
    stage.expect_nothing_lost(drill, what)
    restore_power(docker, leader)
    back = find_host(docker, stage.lab.workspace, leader)
    if back.address != swarm.hosts[leader].address:
        raise StepFailedError(f"{leader} came back with another address: {back.address}.")
    repaired = stage.wait_until(lambda: swarm.runs(commit), REPAIR_SECONDS)
    stage.record.expect(
        f"{what}: both instances run again once it is back", repaired, ", ".join(swarm.images())
    )


def _bad_release(swarm: Swarm) -> None:
    stage = swarm.stage
    good = stage.repository.head()
    stage.repository.release("A release that ends at once", does_not_start)
    with stage.drill("A bad release on the swarm") as drill:
        drill.mark("swarm.yml")
        play = stage.play(
            "swarm.yml",
            *("-e", f"app_health_timeout={HEALTH_SECONDS}"),
            inventory=swarm.inventory,
        )
        drill.mark("failed")
        back = stage.wait_until(lambda: swarm.runs(good), REPAIR_SECONDS)
    stage.repository.go_back_to(good)
    stage.record.expect(
        "A release that does not start: the play fails, and Swarm takes it back",
        not play.succeeded and "rollback" in play.output and back,
        f"{play.seconds:.0f} s; {', '.join(swarm.images())}",
    )
    stage.expect_nothing_lost(drill, "The release that does not start")
