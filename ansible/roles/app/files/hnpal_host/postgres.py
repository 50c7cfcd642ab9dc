"""PostgreSQL in its container, as the superuser of the local socket, which no network reaches."""

from __future__ import annotations

import subprocess

from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

SECONDS = 60
QUIET = ("--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1")


def ask(
    config: HostConfig,
    values: dict[str, str],
    sql: str,
    *,
    database: str = "",
    seconds: float = SECONDS,
) -> list[str]:
    """Run statements, given by standard input so that no process list shows them; in the app's
    database if none is named.

    Raises:
        HostError: when they fail; the message has PostgreSQL's last words, and none of the SQL.
    """
    command = [
        *("docker", "exec", "-i", f"{config.project}-postgres", "psql", *QUIET),
        *(f"--username={values['POSTGRES_USER']}", f"--dbname={database or values['POSTGRES_DB']}"),
    ]
    try:
        done = subprocess.run(
            command, input=sql, check=False, capture_output=True, text=True, timeout=seconds
        )
    except (subprocess.SubprocessError, OSError):
        raise HostError(f"PostgreSQL did not answer within {seconds:g} s") from None
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if "ERROR:" in line or "FATAL:" in line]
        said = errors[-1].partition(": ")[2] if errors else "no reason given"
        raise HostError(f"PostgreSQL refused: {said}")
    return done.stdout.splitlines()


def lets_in(config: HostConfig, values: dict[str, str], role: str, password: str) -> bool:
    """Whether a role gets in over the network with a password."""
    script = (
        'read -r PGPASSWORD; export PGPASSWORD; exec psql --host=postgres --username="$0"'
        f' --dbname={values["POSTGRES_DB"]} --no-psqlrc --command="SELECT 1"'
    )
    command = ["docker", "exec", "-i", f"{config.project}-postgres", "sh", "-c", script, role]
    try:
        done = subprocess.run(
            command, input=f"{password}\n", check=False, capture_output=True, text=True,
            timeout=SECONDS,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        raise HostError(f"PostgreSQL did not answer within {SECONDS} s") from None
    return done.returncode == 0
