"""The bare host: a container with systemd, sshd, 1 GiB of memory and 2 CPUs, like a t3.micro.

The alternative with its own kernel is in `rehearsal.lab.machine`. Both are a container, found by
its name and reached at its address.
"""

from __future__ import annotations

import io
import shlex
import socket
import tarfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container

from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.workspace import LabError, Workspace

NAME = "rehearsal"
PREFIX = "hnpal-"
KIND = "hnpal.rehearsal.host"
USER = "admin"
MEMORY = "1g"
CPUS = 2
BOOT_SECONDS = 60
# A login waits for the end of the boot.
LOGIN_SECONDS = 300
VOLATILE = ("/run", "/run/lock", "/tmp")  # noqa: S108 - the host's, not ours


@dataclass(frozen=True, slots=True)
class FirstBoot:
    """The first boot of a cloud image; times are in seconds from its start."""

    login: int
    """Until logins are accepted."""
    cloud_init: int
    """Until cloud-init has finished."""
    apt: int
    """Until apt's locks are free."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host that is reached over SSH."""

    address: str
    key: Path | None
    """None for those that SSH finds by itself."""
    known_hosts: Path
    user: str = USER
    port: int = 22

    def ssh(self, command: str, timeout: float = 60, text: str | None = None) -> str:
        """Run shell commands as root on the host; returns their output.

        Raises:
            ProgramFailedError: they fail or take too long.
        """
        sudo = f"sudo --non-interactive sh -c {shlex.quote(command)}"
        return run(*self.login(), sudo, timeout=timeout, text=text)

    def login(self) -> list[str]:
        """The command line for a login."""
        return ["ssh", *self.ssh_options(), "-o", "LogLevel=ERROR", f"{self.user}@{self.address}"]

    def ssh_options(self) -> list[str]:
        return [
            *(("-i", str(self.key), "-o", "IdentitiesOnly=yes") if self.key else ()),
            *("-p", str(self.port), "-o", f"UserKnownHostsFile={self.known_hosts}"),
            *("-o", "StrictHostKeyChecking=accept-new", "-o", "ConnectTimeout=10"),
        ]


def start_host(
    docker: DockerClient,
    workspace: Workspace,
    image: str,
    extra_hosts: Mapping[str, str],
    name: str = NAME,
    first_boot: FirstBoot | None = None,
) -> Host:
    """Create a fresh host in place of the previous one, and wait until it accepts logins.

    With a `first_boot`, it only waits until the host has an address.
    """
    remove_leftovers(docker, workspace, name)
    container_name = PREFIX + name
    container = docker.containers.create(
        image,
        name=container_name,
        hostname="hnpal" if name == NAME else name,
        labels={KIND: name},
        privileged=True,
        cgroupns="private",
        mem_limit=MEMORY,
        nano_cpus=CPUS * 10**9,
        tmpfs=dict.fromkeys(VOLATILE, ""),
        volumes={container_name: {"bind": "/disk"}},
        extra_hosts=dict(extra_hosts),
        # A reboot must start the container again.
        restart_policy={"Name": "always"},
    )
    _put(container, "/home/admin/.ssh", "authorized_keys", public_key(workspace), owner=1000)
    if first_boot is None:
        container.start()
        return find_host(docker, workspace, name)
    times = f"{first_boot.login} {first_boot.cloud_init} {first_boot.apt}\n"
    _put(container, "/etc", "hnpal-first-boot", times.encode(), owner=0)
    container.start()
    container.reload()
    address = container.attrs["NetworkSettings"]["IPAddress"]
    return Host(address, workspace.key, _known_hosts(workspace, name))


def find_host(
    docker: DockerClient, workspace: Workspace, name: str = NAME, seconds: float = BOOT_SECONDS
) -> Host:
    """The running host, once it accepts logins.

    Raises:
        LabError: there is none, or it does not respond in time.
    """
    try:
        container = docker.containers.get(PREFIX + name)
    except NotFound:
        raise LabError(
            f"There is no host {name}; `python -m rehearsal host up` starts one."
        ) from None
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        container.reload()
        address = container.attrs["NetworkSettings"]["IPAddress"]
        host = Host(address, workspace.key, _known_hosts(workspace, name))
        if address and _answers(address) and _lets_in(host):
            return host
        time.sleep(0.2)
    said = container.logs(tail=20).decode(errors="replace")
    raise LabError(f"The host did not come up:\n{said}")


def power_off(docker: DockerClient, name: str = NAME) -> None:
    """Switch a host off and on: everything on it ends at once."""
    docker.containers.get(PREFIX + name).restart(timeout=0)


def cut_power(docker: DockerClient, name: str) -> None:
    """Switch a host off until it is started by hand; its peers get no packet that says so."""
    container = docker.containers.get(PREFIX + name)
    for chain in "OUTPUT", "FORWARD", "INPUT":
        container.exec_run(["iptables", "--insert", chain, "--jump", "DROP"])
    container.kill()


def restore_power(docker: DockerClient, name: str) -> None:
    """Start a host that was switched off."""
    docker.containers.get(PREFIX + name).start()


def remove_leftovers(docker: DockerClient, workspace: Workspace, name: str = NAME) -> None:
    """Remove the previous host of that name, with its known host key."""
    remove_host(docker, name)
    _known_hosts(workspace, name).unlink(missing_ok=True)


def remove_host(docker: DockerClient, name: str = NAME) -> None:
    """Remove the host and its disk, if it exists."""
    with suppress(NotFound):
        docker.containers.get(PREFIX + name).remove(force=True, v=True)
    with suppress(NotFound):
        docker.volumes.get(PREFIX + name).remove(force=True)


def names_of_hosts(docker: DockerClient) -> list[str]:
    """The names of the existing hosts."""
    found = docker.containers.list(all=True, filters={"label": KIND})
    return [container.labels[KIND] for container in found]


def _answers(address: str) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, 22)) == 0


def _lets_in(host: Host) -> bool:
    try:
        host.ssh("systemctl is-system-running --wait || true", timeout=LOGIN_SECONDS)
    except ProgramFailedError:
        return False
    return True


def _known_hosts(workspace: Workspace, name: str) -> Path:
    return workspace.run / f"known_hosts-{name}"


def public_key(workspace: Workspace) -> bytes:
    """The public key of this run's SSH key, which all its hosts accept."""
    if not workspace.key.exists():
        keygen = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "rehearsal")
        run(*keygen, "-f", workspace.key, timeout=10)
    return workspace.key.with_suffix(".pub").read_bytes()


def _put(container: Container, folder: str, name: str, content: bytes, owner: int) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode, entry.uid, entry.gid = len(content), 0o600, owner, owner
        archive.addfile(entry, io.BytesIO(content))
    container.put_archive(folder, stream.getvalue())
