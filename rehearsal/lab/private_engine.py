"""A Docker Engine for machines without one that can pull; no package is installed.

It is a Debian 13 unpacked into the cache, whose dockerd runs in separate namespaces. Packets leave
through slirp4netns, an ordinary program in the machine's network, and reach the machine's own
programs through a pair of interfaces. The machine's forwarding and packet filter are not changed,
and everything is gone when dockerd ends.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker
import psutil

from rehearsal.lab import debian
from rehearsal.lab.programs import Background, run
from rehearsal.lab.workspace import LabError, Workspace

PROCESS = "engine"
WAY_OUT = "engine-way-out"
PACKAGES = (
    "ca-certificates",
    "docker.io",
    "docker-registry",
    "iproute2",
    "iptables",
    "slirp4netns",
)
START_SECONDS = 60
CGROUPS = Path("/sys/fs/cgroup")
SECOND_OCTETS = range(64, 128)


@dataclass(frozen=True, slots=True)
class PrivateEngine:
    """A running private engine."""

    docker: docker.DockerClient
    process: psutil.Process
    number: int
    """The engine's addresses are 10.<number>.0.0/16."""

    @property
    def outside_address(self) -> str:
        """The machine's address for containers."""
        return f"10.{self.number}.0.1"

    @property
    def gateway(self) -> str:
        """The engine's address on its containers' bridge."""
        return f"10.{self.number}.1.1"

    @property
    def interface(self) -> str:
        """The machine's interface to the engine."""
        return f"hnpal{self.number}"

    @property
    def cgroup(self) -> str:
        return _cgroup(self.number)

    def inside(self, *command: str | Path, network: bool = True) -> list[str | Path]:
        """The command line that runs `command` with the engine's programs, in either network."""
        enter: list[str | Path] = ["nsenter", f"--target={self.process.pid}", "--mount"]
        return [*enter, *(["--net"] if network else []), *command]


def find(workspace: Workspace) -> PrivateEngine | None:
    """The running engine, if there is one."""
    process = Background(workspace).find(PROCESS)
    if process is None:
        return None
    number = json.loads(_record(workspace).read_text())["number"]
    return PrivateEngine(_connect(process), process, number)


def start(workspace: Workspace) -> PrivateEngine:
    """Start an engine; the first time, its programs are unpacked into the cache (half a minute)."""
    root = workspace.cache / "engine"
    debian.unpack(workspace, "trixie", PACKAGES, root)
    (root / "etc/resolv.conf").write_text("nameserver 10.0.2.3\n")  # slirp4netns's DNS
    data = workspace.cache / "docker"
    data.mkdir(exist_ok=True)

    number = _free_number()
    _record(workspace).write_text(json.dumps({"number": number}))
    _give_weight(_cgroup(number))
    background = Background(workspace)
    script = Path(__file__).with_name("private_engine.sh")
    apart = ("unshare", "--mount", "--net", "--propagation=private")
    process = background.start(
        PROCESS, [*apart, "sh", script, root, data, str(number), _cgroup(number)]
    )
    _wait_until(lambda: Path(f"/proc/{process.pid}/root/run/docker.sock").exists(), background)
    engine = PrivateEngine(_connect(process), process, number)
    _connect_networks(engine, background)
    return engine


def stop(workspace: Workspace, background: Background) -> None:
    """Stop the engine; its namespaces end with it, and so does everything set up in them."""
    background.stop(WAY_OUT)
    background.stop(PROCESS)
    record = _record(workspace)
    if record.exists():
        _remove_cgroups(_cgroup(json.loads(record.read_text())["number"]))


def _cgroup(number: int) -> str:
    """A separate group for each engine, because several may run on one machine."""
    return f"hnpal-rehearsal-{number}"


def _give_weight(name: str) -> None:
    """Give the engine the CPU weight of its many processes instead of that of one.

    Otherwise other load on the machine would be measured as silence of the bot.
    """
    versions = ((CGROUPS / "cpu", "cpu.shares", "8192"), (CGROUPS, "cpu.weight", "800"))
    for root, setting, weight in versions:
        if (root / setting).exists() or (root / "cgroup.subtree_control").exists():
            with suppress(OSError):  # without the controller there are no weights
                (root / name).mkdir(exist_ok=True)
                (root / name / setting).write_text(weight)


def _remove_cgroups(name: str) -> None:
    """Remove the groups that containers leave, including systemd's, innermost first."""
    deadline = time.monotonic() + START_SECONDS
    for top in CGROUPS.glob(f"**/{name}"):
        for folder in sorted(top.glob("**/"), key=lambda one: len(one.parts), reverse=True):
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:  # its last process has not ended yet
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.05)


def _connect(process: psutil.Process) -> docker.DockerClient:
    return docker.DockerClient(f"unix:///proc/{process.pid}/root/run/docker.sock", timeout=600)


def _connect_networks(engine: PrivateEngine, background: Background) -> None:
    number, pid = engine.number, engine.process.pid
    slirp = ("slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback")
    background.start(WAY_OUT, engine.inside(*slirp, str(pid), "tap0", network=False))
    machine = engine.interface
    for step in (
        f"ip link add {machine} type veth peer name machine netns {pid}",
        f"ip address add 10.{number}.0.1/30 dev {machine}",
        f"ip link set {machine} up",
    ):
        run(*engine.inside(*step.split(), network=False), timeout=10)
    for step in (
        f"ip address add 10.{number}.0.2/30 dev machine",
        "ip link set machine up",
        # Let the machine reach containers, which Docker blocks by default.
        "iptables --insert DOCKER-USER --jump ACCEPT",
    ):
        run(*engine.inside(*step.split()), timeout=10)
    route = f"ip route add 10.{number}.1.0/24 via 10.{number}.0.2 dev {machine}"
    run(*engine.inside(*route.split(), network=False), timeout=10)


def _wait_until(ready: Callable[[], bool], background: Background) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if background.find(PROCESS) is None or time.monotonic() > deadline:
            log = background.log(PROCESS).read_text()[-2000:]
            raise LabError(f"The private Docker Engine did not start:\n{log}")
        time.sleep(0.05)


def _free_number() -> int:
    """The first x for which the machine has no route into 10.x.0.0/16."""
    routes = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    # Addresses there are little-endian hexadecimal numbers: 10.64.0.0 is 0000400A.
    taken = {int(route[1][4:6], 16) for route in routes if route[1].endswith("0A")}
    return next(number for number in SECOND_OCTETS if number not in taken)


def _record(workspace: Workspace) -> Path:
    return workspace.run / "engine.json"
