"""PostgreSQL through its own programs, wherever they are: here, in a container."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hnpal_backup.failure import BackupError

ALWAYS_THERE = "postgres"
USER_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""


@dataclass(frozen=True)
class Contents:
    """What a database held at one moment: enough to know it again after a restore."""

    revision: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Postgres:
    """`prefix` comes before every program, such as `docker exec -i hnpal-postgres`."""

    prefix: list[str]
    user: str
    database: str

    def command(self, program: str, *arguments: str, database: str = "") -> list[str]:
        target = [f"--username={self.user}", f"--dbname={database or self.database}"]
        return [*self.prefix, program, *target, *arguments]

    def run(self, sql: str, *, database: str = "") -> list[str]:
        """Run statements given on standard input, so that no process list shows them."""
        psql = self.command(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--set=ON_ERROR_STOP=1", database=database,
        )  # fmt: skip
        done = subprocess.run(psql, input=sql, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BackupError(f"psql: {last_line(done.stderr)}")
        return done.stdout.splitlines()

    def exists(self, database: str) -> bool:
        found = self.run(f"SELECT 1 FROM pg_database WHERE datname = '{database}'",
                         database=ALWAYS_THERE)  # fmt: skip
        return bool(found)

    def contents(self, database: str = "") -> Contents:
        with self.snapshot(database) as (_, contents):
            return contents

    @contextmanager
    def snapshot(self, database: str = "") -> Iterator[tuple[str, Contents]]:
        """A moment of the database, held still: its name for pg_dump, and what it contains."""
        psql = self.command(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--set=ON_ERROR_STOP=1", database=database,
        )  # fmt: skip
        with subprocess.Popen(
            psql, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as session:
            ask = _Conversation(session)
            ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;")
            (name,) = ask("SELECT pg_export_snapshot();")
            tables = ask(f"{USER_TABLES};")
            rows = {table: int(ask(f"SELECT count(*) FROM {table};")[0]) for table in tables}
            has_revision = "public.alembic_version" in tables
            revision = ask("SELECT version_num FROM alembic_version;") if has_revision else []
            yield name, Contents(revision="".join(revision), rows=rows)
            ask.end()

    def dump(self, snapshot: str, into: IO[bytes]) -> None:
        command = self.command("pg_dump", "--format=custom", f"--snapshot={snapshot}")
        done = subprocess.run(command, stdout=into, stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise BackupError(f"pg_dump: {last_line(done.stderr.decode())}")

    def list_dump(self, dump: Path) -> None:
        """Fail unless the dump's table of contents can be read."""
        with dump.open("rb") as content:
            done = subprocess.run(
                [*self.prefix, "pg_restore", "--list"],
                stdin=content, capture_output=True, check=False,
            )  # fmt: skip
        if done.returncode != 0:
            raise BackupError(f"{dump.name} cannot be read: {last_line(done.stderr.decode())}")

    def restore(self, dump: Path, database: str) -> None:
        """Make the database anew from the dump."""
        self.drop(database)
        self.run(f'CREATE DATABASE "{database}" TEMPLATE template0', database=ALWAYS_THERE)
        command = self.command("pg_restore", "--no-owner", "--exit-on-error", database=database)
        with dump.open("rb") as content:
            done = subprocess.run(command, stdin=content, capture_output=True, check=False)
        if done.returncode != 0:
            raise BackupError(f"pg_restore: {last_line(done.stderr.decode())}")

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', database=ALWAYS_THERE)

    def replace(self, database: str, by: str) -> None:
        """Put another database in a database's place, at once or not at all."""
        outgoing = f"{database}_outgoing"
        self.drop(outgoing)
        statements = [f'ALTER DATABASE "{by}" RENAME TO "{database}"']
        if self.exists(database):
            statements = [
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                f"WHERE datname = '{database}'",
                f'ALTER DATABASE "{database}" RENAME TO "{outgoing}"',
                *statements,
            ]
        self.run(f"BEGIN; {'; '.join(statements)}; COMMIT", database=ALWAYS_THERE)
        self.drop(outgoing)


class _Conversation:
    """Statement after statement in one psql session, each answer whole before the next."""

    END = "--end-of-answer--"

    def __init__(self, session: subprocess.Popen[str]) -> None:
        self._session = session
        assert session.stdin is not None and session.stdout is not None
        self._questions, self._answers = session.stdin, session.stdout

    def __call__(self, statement: str) -> list[str]:
        try:
            self._questions.write(f"{statement}\n\\echo {self.END}\n")
            self._questions.flush()
        except BrokenPipeError:
            pass  # psql said why before it went
        lines: list[str] = []
        for line in self._answers:
            if line.rstrip("\n") == self.END:
                return lines
            lines.append(line.rstrip("\n"))
        assert self._session.stderr is not None
        raise BackupError(f"psql: {last_line(self._session.stderr.read())}")

    def end(self) -> None:
        self._questions.close()


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]
