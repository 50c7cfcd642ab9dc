"""The faults that the step `chaos` injects, each with what ends it.

A fault begins at a moment of a running playbook. Most are over at once; an outage is ended after
`lasts` seconds, whether the play has ended by then or not.
"""

from __future__ import annotations

import os
import shlex
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from rehearsal import fake_server, fault_injection
from rehearsal.cuts import kill_on_host
from rehearsal.database import PSQL
from rehearsal.lab.host import Host
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.operators import RunningPlay
from rehearsal.stage import Stage

PLAYBOOKS = ("site.yml", "update.yml", "rollback.yml", "restore.yml", "upgrade.yml")
HEALERS = ("update.yml", "site.yml")
OUTAGE_SECONDS = 15.0
# Telegram may have accepted what was in flight: docs/rehearsal.md, the step `faults`.
APP_KILLED = 1
TELEGRAM_VANISHED = 3
ROCKSDB = "/var/lib/docker/volumes/hnpal_rocksdb_data/_data"
DPKG_LOCK = """
import fcntl, time
lock = open("/var/lib/dpkg/lock-frontend", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
time.sleep({seconds})
"""
HOG = "import time; hog = b'x' * ({mebibytes} << 20); time.sleep({seconds})"


@dataclass(frozen=True, slots=True)
class FaultTarget:
    """The run that a fault hits."""

    stage: Stage
    play: RunningPlay
    playbook: str

    @property
    def host(self) -> Host:
        return self.stage.host


Begin = Callable[[FaultTarget], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault; leaving the context that `begin` returns ends it."""

    name: str
    begin: Begin
    lasts: float = 0.0
    """Seconds until it is ended; 0 if it is over at once."""
    in_flight: int = 0
    """How many messages may come twice: those in flight, whose outcome is unknown."""
    playbooks: tuple[str, ...] = PLAYBOOKS
    healers: tuple[str, ...] = HEALERS
    """Those that are documented to repair it."""
    forgets: bool = False
    """Whether it destroys what rollback.yml needs: the record of releases, or the images."""


def on_host(begin: str, end: str = "", seconds: float = 90) -> Begin:
    """A fault made by shell commands on the host, and ended by others."""

    @contextmanager
    def fault(target: FaultTarget) -> Iterator[None]:
        target.host.ssh(begin, timeout=seconds)
        try:
            yield
        finally:
            if end:
                target.host.ssh(f"{end} || true", timeout=seconds)

    return fault


def at_once(act: Callable[[FaultTarget], object]) -> Begin:
    """A fault that needs no end."""

    @contextmanager
    def fault(target: FaultTarget) -> Iterator[None]:
        act(target)
        yield

    return fault


def suspended(process: str) -> Begin:
    """All processes of that name are stopped, and continued at the end."""
    return on_host(f"pkill -STOP --exact {process}", f"pkill -CONT --exact {process}")


def paused(container: str) -> Begin:
    """Connections to a paused container are accepted by the kernel, and never answered."""
    return on_host(f"docker pause {container}", f"docker unpause {container}")


def service(name: str) -> Callable[[FaultTarget], str]:
    return lambda target: str(getattr(target.stage.lab.for_host, name))


def unreachable(name: str) -> Begin:
    return lambda target: fault_injection.unreachable(target.host, service(name)(target))


def replaced(name: str, manner: fake_server.Manner) -> Begin:
    """Another server takes the place of a simulated service."""

    @contextmanager
    def fault(target: FaultTarget) -> Iterator[None]:
        if target.stage.lab.remote is not None:
            raise ProgramFailedError("a host reached over SSH reaches known services only")
        original = service(name)(target)
        address = original.partition(":")[0]
        with (
            fake_server.serving(address, manner, original) as place,
            fault_injection.diverted(target.host, original, place),
        ):
            yield

    return fault


def telegram(method: str, kind: str, **more: object) -> Begin:
    """Telegram itself fails; see `simulators.telegram.state.CallFault`."""

    @contextmanager
    def fault(target: FaultTarget) -> Iterator[None]:
        target.stage.telegram.trouble(method, kind, **more)
        try:
            yield
        finally:
            target.stage.telegram.post("settings", {"no_trouble": True})

    return fault


def without_packets(rule: str) -> Begin:
    """The host drops packets; it ends that itself, since it may not be reached meanwhile."""
    drop = f"INPUT {rule} --jump DROP"
    begin = shlex.quote(f"sleep 1; iptables --insert {drop}")
    end = shlex.quote(f"iptables --delete {drop}")
    return on_host(
        f"systemd-run --quiet --on-active={OUTAGE_SECONDS:.0f}"
        f" --timer-property=AccuracySec=1s sh -c {end};"
        f" systemd-run --quiet sh -c {begin}"
    )


def in_background(command: str, seconds: float = OUTAGE_SECONDS) -> Begin:
    """A command that runs on the host beside the play, for at most `seconds`."""
    return on_host(
        f"systemd-run --quiet --collect --unit=hnpal-chaos timeout {seconds:.0f} {command}",
        "systemctl stop hnpal-chaos",
    )


def kill_ansible(target: FaultTarget, number: signal.Signals) -> None:
    os.killpg(target.play.process.pid, number)


def kill_play(target: FaultTarget, *, with_ssh: bool, with_host: bool = False) -> None:
    target.play.kill()
    if with_ssh:
        target.stage.operator.disconnect()
    if with_host:
        kill_on_host(target.host)


@contextmanager
def suspended_ansible(target: FaultTarget) -> Iterator[None]:
    """Ansible's processes are suspended and continued, as on a laptop that is closed."""
    kill_ansible(target, signal.SIGSTOP)
    try:
        yield
    finally:
        kill_ansible(target, signal.SIGCONT)


@contextmanager
def second_operator(target: FaultTarget) -> Iterator[None]:
    second = target.stage.operator.start("update.yml")
    yield
    second.wait()


def power_off(target: FaultTarget) -> None:
    """Everything on the host ends in the same moment; then it boots."""
    target.stage.power_off()


def rewrite_branch(target: FaultTarget) -> None:
    target.stage.repository.rewrite(f"Rewritten at {time.time()}")


def every(*containers: str) -> str:
    """Shell: SIGKILL to the first process of each container that runs, and of at least one."""
    pids = "docker inspect --format '{{.State.Pid}}' " + " ".join(containers)
    return f"kill -9 $({pids} 2>/dev/null | grep -v '^0$')"


def dropping(container: str, rule: str) -> Begin:
    """A rule of the packet filter in a container's own network, and its removal."""
    pid = f"$(docker inspect --format '{{{{.State.Pid}}}}' {container})"
    iptables = f"nsenter --target {pid} --net iptables"
    return on_host(f"{iptables} --insert {rule}", f"{iptables} --delete {rule}")


def shorten(path: str) -> str:
    """Shell: lose the second half of a file, as after a crash that met unwritten pages."""
    return f"truncate --size=$(($(stat --format=%s {path}) / 2)) {path}"


APP, POSTGRES, REDIS = "hnpal-app", "hnpal-postgres", "hnpal-redis"
HOME = "/opt/hnpal"
CLONE = f"{HOME}/app"
TO_POSTGRES = "OUTPUT --protocol tcp --dport 5432 --jump DROP"
HALF_TO_POSTGRES = TO_POSTGRES.replace("--jump", "--match statistic --mode nth --every 2 --jump")
EXPIRED = (
    '{"who": "someone@elsewhere", "process": 1, "what": "Update HN Pal",'
    ' "since": "2026-01-01T00:00:00+00:00", "expires": "2026-01-01T00:30:00+00:00"}'
)
OPERATOR = (
    Fault("SIGKILL to ansible", at_once(lambda target: kill_play(target, with_ssh=False))),
    Fault("SIGKILL to SSH", at_once(lambda target: target.stage.operator.disconnect())),
    Fault("SIGKILL to ansible and SSH", at_once(lambda target: kill_play(target, with_ssh=True))),
    Fault(
        "SIGKILL to ansible, SSH and what they began on the host",
        at_once(lambda target: kill_play(target, with_ssh=True, with_host=True)),
    ),
    Fault("Ctrl-C", at_once(lambda target: kill_ansible(target, signal.SIGINT))),
    Fault("the terminal is closed", at_once(lambda target: kill_ansible(target, signal.SIGHUP))),
    Fault("the laptop sleeps", suspended_ansible, OUTAGE_SECONDS),
    Fault("a second operator", second_operator),
    Fault("sshd is restarted", on_host("systemctl restart ssh")),
    Fault(
        "sshd's sessions are killed",
        on_host(
            "systemd-run --quiet sh -c"
            " \"sleep 1; pkill -KILL --full '[s]shd(-session)?: [a-z]+[ @]'\""
        ),
    ),
    Fault(
        "no packet from the operator",
        without_packets("--protocol tcp --dport 22"),
        OUTAGE_SECONDS,
    ),
)
ENGINE = (
    Fault("SIGKILL to dockerd", on_host("pkill -KILL --exact dockerd")),
    Fault("SIGKILL to containerd", on_host("pkill -KILL --exact containerd")),
    Fault("SIGKILL to dockerd and containerd", on_host("pkill -KILL --exact 'dockerd|containerd'")),
    Fault(
        "SIGKILL to the containers' shims",
        on_host("pkill -KILL --full '^[^ ]*containerd-shim'"),
        in_flight=APP_KILLED,
    ),
    Fault("dockerd is restarted", on_host("systemctl restart docker")),
    Fault("dockerd hangs", suspended("dockerd"), OUTAGE_SECONDS),
    Fault("containerd hangs", suspended("containerd"), OUTAGE_SECONDS),
    Fault("the build cache is removed", on_host("docker builder prune --all --force")),
    Fault(
        "the app's images are removed",
        on_host("docker image rm --force $(docker image ls --quiet hnpal-app | sort -u) || true"),
        forgets=True,
    ),
    Fault(
        "the app is cut from the network of PostgreSQL",
        on_host(f"docker network disconnect --force hnpal_data {APP}"),
    ),
)
CONTAINERS = (
    Fault("SIGKILL to the app", on_host(every(APP)), in_flight=APP_KILLED),
    Fault(
        "SIGKILL to app and standby",
        on_host(every(APP, "hnpal-standby")),
        in_flight=APP_KILLED,
    ),
    Fault(
        "the app out of memory",
        at_once(lambda target: fault_injection.exhaust_memory(target.host, APP)),
        in_flight=APP_KILLED,
    ),
    Fault("the app hangs", paused(APP), OUTAGE_SECONDS, in_flight=APP_KILLED),
    Fault("the app is stopped by hand", on_host(f"docker stop {APP}")),
    Fault("the app is paused by hand", on_host(f"docker pause {APP}"), in_flight=APP_KILLED),
    Fault("the app is removed by hand", on_host(f"docker rm --force {APP}"), in_flight=APP_KILLED),
    Fault("SIGKILL to PostgreSQL", on_host(every(POSTGRES))),
    Fault(
        "SIGKILL to one of PostgreSQL's processes",
        on_host("pkill -KILL --full '[p]ostgres: checkpointer'"),
    ),
    Fault("PostgreSQL is restarted", on_host(f"docker restart {POSTGRES}")),
    Fault("PostgreSQL is removed by hand", on_host(f"docker rm --force {POSTGRES}")),
    Fault("PostgreSQL hangs", paused(POSTGRES), OUTAGE_SECONDS),
    Fault(
        "PostgreSQL has 5 % of a core",
        on_host(f"docker update --cpus 0.05 {POSTGRES}", f"docker update --cpus 1 {POSTGRES}"),
        OUTAGE_SECONDS,
    ),
    Fault(
        "PostgreSQL ends every session",
        on_host(
            f"{PSQL} -c 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid()'"
        ),
    ),
    Fault(
        "a table of PostgreSQL is locked",
        in_background(f"{PSQL} -c 'BEGIN; LOCK TABLE outbox; SELECT pg_sleep(15)'"),
        OUTAGE_SECONDS,
    ),
    Fault(
        "PostgreSQL takes no more connections",
        on_host(
            f"docker exec --detach {POSTGRES} sh -c 'for one in $(seq 45); do"
            ' psql -U hn_pal -d hn_pal -qc "SELECT pg_sleep(15)" & done; wait\''
        ),
        OUTAGE_SECONDS,
    ),
    Fault(
        "no packet from the app to PostgreSQL",
        dropping(APP, TO_POSTGRES),
        OUTAGE_SECONDS,
    ),
    Fault(
        "every second packet from the app to PostgreSQL is lost",
        dropping(APP, HALF_TO_POSTGRES),
        OUTAGE_SECONDS,
    ),
    Fault("SIGKILL to Redis", on_host(every(REDIS))),
    Fault("Redis is removed by hand", on_host(f"docker rm --force {REDIS}")),
    Fault("Redis hangs", paused(REDIS), OUTAGE_SECONDS),
    Fault(
        "SIGKILL to app, PostgreSQL and Redis",
        on_host(every(APP, POSTGRES, REDIS)),
        in_flight=APP_KILLED,
    ),
)
OUTSIDE = (
    Fault("Telegram is unreachable", unreachable("telegram"), OUTAGE_SECONDS, TELEGRAM_VANISHED),
    Fault("Telegram hangs", replaced("telegram", "hang"), OUTAGE_SECONDS, TELEGRAM_VANISHED),
    Fault("Telegram says 503", replaced("telegram", "503"), OUTAGE_SECONDS, TELEGRAM_VANISHED),
    Fault(
        "Telegram says nonsense",
        replaced("telegram", "nonsense"),
        OUTAGE_SECONDS,
        TELEGRAM_VANISHED,
    ),
    Fault(
        "Telegram is slow",
        telegram("*", "delay", seconds=2, for_seconds=OUTAGE_SECONDS),
        OUTAGE_SECONDS,
    ),
    Fault(
        "Telegram closes connections after accepting",
        telegram("sendMessage", "drop_after", times=3),
        OUTAGE_SECONDS,
        TELEGRAM_VANISHED,
    ),
    Fault(
        "Telegram says 429",
        telegram("sendMessage", "status", status=429, retry_after=3, times=5),
        OUTAGE_SECONDS,
    ),
    Fault(
        "Telegram says 409",
        telegram("getUpdates", "status", status=409, description="Conflict", times=5),
        OUTAGE_SECONDS,
    ),
    Fault("the bucket is unreachable", unreachable("aws"), OUTAGE_SECONDS),
    Fault("the bucket hangs", replaced("aws", "hang"), OUTAGE_SECONDS),
    Fault("the bucket says 503", replaced("aws", "503"), OUTAGE_SECONDS),
    Fault("the bucket is slow", replaced("aws", "slow"), OUTAGE_SECONDS),
    Fault(
        "the bucket is read-only",
        on_host(
            "mount -o remount,bind,ro /mnt/s3data",
            "mount -o remount,bind,rw,nosuid,nodev /mnt/s3data",
        ),
        OUTAGE_SECONDS,
    ),
    Fault("SIGKILL to s3fs", on_host("pkill -KILL --exact s3fs")),
    Fault("git is unreachable", unreachable("git"), OUTAGE_SECONDS),
    Fault("git hangs", replaced("git", "hang"), OUTAGE_SECONDS),
    Fault("Hacker News hangs", replaced("hackernews", "hang"), OUTAGE_SECONDS),
    Fault("the model says nonsense", replaced("llm", "nonsense"), OUTAGE_SECONDS),
    Fault(
        "no names are resolved",
        on_host(
            "mount --bind /dev/null /etc/resolv.conf",
            "umount /etc/resolv.conf",
        ),
        OUTAGE_SECONDS,
    ),
)
DISK_AND_MEMORY = (
    Fault(
        "the disk is full",
        lambda target: fault_injection.full_disk(target.host),
        OUTAGE_SECONDS,
    ),
    Fault(
        "little memory is left",
        in_background(
            "python3 -c " + shlex.quote(HOG.format(mebibytes=600, seconds=OUTAGE_SECONDS))
        ),
        OUTAGE_SECONDS,
        APP_KILLED,
    ),
    Fault(
        "no core is left",
        in_background("sh -c 'for one in 1 2 3 4 5 6; do while :; do :; done & done; wait'"),
        OUTAGE_SECONDS,
    ),
    Fault(
        "apt is at work",
        in_background(
            "python3 -c " + shlex.quote(DPKG_LOCK.format(seconds=OUTAGE_SECONDS)),
        ),
        OUTAGE_SECONDS,
    ),
    Fault("a backup begins", on_host("systemctl start --no-block hnpal-backup.service")),
    Fault(
        "a backup is killed",
        on_host(
            "systemctl start --no-block hnpal-backup.service; sleep 1;"
            " systemctl kill --signal=KILL hnpal-backup.service;"
            " systemctl reset-failed hnpal-backup.service || true"
        ),
    ),
    Fault("reboot", at_once(lambda target: target.stage.reboot()), in_flight=APP_KILLED),
    Fault("power off and on", at_once(power_off), in_flight=APP_KILLED),
    Fault("systemd is executed anew", on_host("systemctl daemon-reexec")),
)
CODE = (
    Fault(
        "git's stale locks",
        on_host(f"touch {CLONE}/.git/index.lock {CLONE}/.git/HEAD.lock"),
    ),
    Fault("the clone is edited", on_host(f"echo '# by hand' >>{CLONE}/docker-compose.prod.yml")),
    Fault(
        "the clone is moved",
        on_host(f"mv {CLONE} /root/moved", "rm -rf /root/moved"),
    ),
    Fault("the clone is deleted", on_host(f"rm -rf {CLONE}")),
    Fault("the clone is at another commit", on_host(f"git -C {CLONE} checkout -qf HEAD~1")),
    Fault("the clone's index is cut", on_host(shorten(f"{CLONE}/.git/index"))),
    Fault(
        "the clone has another remote", on_host(f"git -C {CLONE} remote set-url origin /dev/null")
    ),
    Fault("the branch is rewritten", at_once(rewrite_branch)),
)
STATE = (
    Fault(
        "the record of releases is cut", on_host(shorten(f"{HOME}/releases.jsonl")), forgets=True
    ),
    Fault("the record of releases is empty", on_host(f": >{HOME}/releases.jsonl"), forgets=True),
    Fault("the record of releases is gone", on_host(f"rm -f {HOME}/releases.jsonl"), forgets=True),
    Fault(
        "the record of releases has half a line",
        on_host(f"printf '%s' '{{\"at\": \"2026-' >>{HOME}/releases.jsonl"),
    ),
    Fault("the settings are empty", on_host(f": >{HOME}/.env")),
    Fault("the settings are cut", on_host(shorten(f"{HOME}/.env"))),
    Fault("the settings are gone", on_host(f"rm -f {HOME}/.env")),
    Fault("the kept settings are empty", on_host(f": >{HOME}/.env.good")),
    Fault("the kept settings are gone", on_host(f"rm -f {HOME}/.env.good")),
    Fault("the lock is nonsense", on_host("printf '\\000\\001half' >/run/hnpal.lock")),
    Fault(
        "somebody's lock has expired",
        on_host(f"printf '%s' {shlex.quote(EXPIRED)} >/run/hnpal.lock"),
    ),
    Fault("the dead-man timer's file is nonsense", on_host(f"echo '{{' >{HOME}/recovery.json")),
    Fault("the images' lock is cut", on_host(shorten(f"{HOME}/images.lock.json"))),
    Fault("the images' lock is gone", on_host(f"rm -f {HOME}/images.lock.json")),
    Fault("the host program's settings are cut", on_host(shorten("/etc/hnpal/host.json"))),
    Fault("the host program is gone", on_host("rm -f /usr/local/sbin/hnpal-host")),
    Fault(
        "the app's RocksDB is damaged",
        on_host(
            f"find {ROCKSDB} -type f -size +0 -exec truncate --size=7 {{}} +; docker restart {APP}"
        ),
        in_flight=APP_KILLED,
    ),
    Fault(
        "the app's RocksDB is gone",
        on_host(f"find {ROCKSDB} -mindepth 1 -delete; docker restart {APP}"),
        in_flight=APP_KILLED,
    ),
)
FAULTS = {
    fault.name: fault
    for fault in (*OPERATOR, *ENGINE, *CONTAINERS, *OUTSIDE, *DISK_AND_MEMORY, *CODE, *STATE)
}
