"""The lab as a whole: starts it, stops it, and finds it again in a later command."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from rehearsal.lab import aws, docker_packages, images, private_engine, registry, remote
from rehearsal.lab.engine import Engine, find_docker, start_engine, stop_engine
from rehearsal.lab.host import (
    BOOT_SECONDS,
    NAME,
    PREFIX,
    FirstBoot,
    Host,
    find_host,
    names_of_hosts,
    remove_host,
    start_host,
)
from rehearsal.lab.machine import start_machine
from rehearsal.lab.needs import ensure_programs
from rehearsal.lab.programs import Background, run
from rehearsal.lab.services import ExternalServices, origin, start_external_services
from rehearsal.lab.workspace import CLONE, LabError, Workspace

CONTAINER, VIRTUAL = "container", "vm"
LOOPBACK = "127.0.0.1"


def _nothing_to_do() -> Future[None]:
    done: Future[None] = Future()
    done.set_result(None)
    return done


@dataclass(frozen=True, slots=True)
class Lab:
    """An engine and the simulated services, with the addresses that a host needs."""

    workspace: Workspace
    own_engine: Engine | None
    """None if the host is a machine reached over SSH."""
    outside: ExternalServices
    """The services, as the rehearsal reaches them."""
    names: dict[str, str]
    """Addresses of names that the host must not resolve on the internet."""
    stand_ins: tuple[str, ...]
    """Images that were built locally, because their registry cannot be reached."""
    virtual: bool = False
    """Whether the host is a virtual machine, with its own kernel."""
    system: str = images.SYSTEM
    """The system of new hosts, such as debian:12."""
    remote: Host | None = None
    """The host, if it is a machine reached over SSH."""
    supplies: Future[None] = field(default_factory=_nothing_to_do)
    """What a host needs and is still being built."""

    @property
    def engine(self) -> Engine:
        """The engine in which hosts are made.

        Raises:
            LabError: the host is a machine reached over SSH.
        """
        if self.own_engine is None:
            raise LabError("This needs a host that the rehearsal makes itself.")
        return self.own_engine

    @property
    def for_host(self) -> ExternalServices:
        """The services, as the host and its containers reach them."""
        return remote.for_host(self.outside) if self.remote else self.outside

    @property
    def has_role(self) -> bool:
        """Whether the host has a role of the simulated AWS, by a metadata service beside it."""
        without = self.virtual or self.system in images.WITHOUT_ROLE
        return not without and self.remote is None

    def find_host(self, seconds: float = BOOT_SECONDS) -> Host:
        """The running host, once it accepts logins.

        Raises:
            LabError: there is none, or it does not respond in time.
        """
        self.supplies.result()
        if self.remote is None:
            return find_host(self.engine.docker, self.workspace, seconds=seconds)
        remote.wait_for(self.remote, seconds)
        return self.remote

    def new_host(
        self,
        name: str = NAME,
        system: str = "",
        first_boot: FirstBoot | None = None,
    ) -> Host:
        """A freshly installed host, in place of the previous one of that name."""
        if self.remote is not None:
            remote.wait_for(self.remote)
            remote.prepare_host(self.remote)
            remote.open_tunnel(self.workspace, self.remote, self.outside)
            return self.remote
        self.supplies.result()
        certificates = _certificates(self.workspace, self.engine)
        docker = self.engine.docker
        if self.virtual:
            print("  building the virtual machine ...", flush=True)
            image = images.build_machine(self.engine, self.workspace, certificates)
            trusted = certificates | images.local_authorities()
            return start_machine(docker, self.workspace, image, self.names, trusted)
        image = images.build_host(self.engine, self.workspace, certificates, system or self.system)
        return start_host(docker, self.workspace, image, self.names, name, first_boot)

    def objects(self, bucket: str, prefix: str) -> list[str]:
        """The objects in a bucket, oldest first."""
        listed = aws.client(self.outside, "s3").list_objects_v2(Bucket=bucket, Prefix=prefix)
        found = sorted(listed.get("Contents", []), key=lambda one: one["LastModified"])
        return [one["Key"] for one in found]


def up(workspace: Workspace, kind: str = CONTAINER, system: str = images.SYSTEM) -> Lab:
    """Start what is not running; the first time, this unpacks and builds for a minute.

    Stand-ins for images and packages are built in the background: only a host needs them.
    `kind` is that of the host: `container`, `vm`, or `ssh://user@address`; `system` that of a
    container.
    """
    ensure_programs()
    if remote.is_remote(kind):
        host = remote.host_at(workspace, kind)
        _copy_code(workspace)
        print("Starting the simulated services ...", flush=True)
        outside = start_external_services(workspace, LOOPBACK)
        return Lab(workspace, None, outside, {}, (), remote=host)
    print("Starting a Docker Engine ...", flush=True)
    engine = start_engine(workspace)
    _copy_code(workspace)
    print("Starting the simulated services ...", flush=True)
    outside = start_external_services(workspace, engine.outside_address)
    place = Lab(workspace, engine, outside, {}, (), kind == VIRTUAL, system)
    private = private_engine.find(workspace)
    if private is None or engine.pulls:
        return place
    print("No registry answers. Building stand-ins from Debian packages ...", flush=True)
    stand_ins = images.image_names(CLONE)
    return replace(
        place,
        names=registry.start_registry(workspace, private),
        stand_ins=tuple(stand_ins),
        supplies=_in_background(lambda: _supply(place, private, stand_ins)),
    )


def _supply(place: Lab, private: private_engine.PrivateEngine, stand_ins: list[str]) -> None:
    """Build and publish what hosts pull and install, and the host's own image."""
    registry.publish(place.workspace, place.engine, stand_ins)
    docker_packages.start_repository(place.workspace, private)
    if not place.virtual:
        certificates = _certificates(place.workspace, place.engine)
        images.build_host(place.engine, place.workspace, certificates, place.system)


def _in_background(act: Callable[[], None]) -> Future[None]:
    executor = ThreadPoolExecutor(max_workers=1)
    future = executor.submit(act)
    executor.shutdown(wait=False)
    return future


def _certificates(workspace: Workspace, engine: Engine) -> dict[str, bytes]:
    """The authorities that a host must trust for the stand-ins."""
    return {} if engine.pulls else {"rehearsal.crt": registry.authority(workspace)}


def down(workspace: Workspace) -> None:
    """Stop and delete everything of this workspace, except the cache and the reports."""
    background = Background(workspace)
    docker = find_docker(workspace)
    if docker is not None:
        for name in names_of_hosts(docker):
            remove_host(docker, name)
    engine = (private_engine.PROCESS, private_engine.WAY_OUT)
    background.stop(*(name for name in background.names() if name not in engine))
    stop_engine(workspace)
    shutil.rmtree(workspace.run)


def marks(workspace: Workspace) -> list[str]:
    """Names of interfaces, control groups and the like that only this lab uses."""
    private = private_engine.find(workspace)
    return [private.interface, private.cgroup] if private else [PREFIX]


def _copy_code(workspace: Workspace) -> None:
    """Push the clone's commit as `main` of the deployed repository."""
    repository = origin(workspace)
    if not repository.exists():
        run("git", "init", "--quiet", "--bare", "--initial-branch=main", repository, timeout=30)
    push = ("push", "--quiet", "--force", str(repository), "HEAD:refs/heads/main")
    run("git", "-C", CLONE, *push, timeout=120)
