"""Runs PostgreSQL's client programs, on the host or in a container."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from hnpal_backup.failure import BackupError

ALWAYS_THERE = "postgres"
STATEMENT_SECONDS = 300
USER_TABLES = """
    SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1
"""
# What the owner makes, the app may use. Before anything is made.
RIGHTS = """
    REVOKE ALL ON DATABASE "{database}" FROM PUBLIC;
    GRANT CONNECT ON DATABASE "{database}" TO "{app}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public
      GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{app}";
    ALTER DEFAULT PRIVILEGES FOR ROLE "{owner}" IN SCHEMA public
      GRANT USAGE, SELECT ON SEQUENCES TO "{app}";
"""


@dataclass(frozen=True)
class Contents:
    """The contents of a database at one time, for comparison after a restore."""

    revision: str
    rows: dict[str, int]


@dataclass(frozen=True)
class Postgres:
    """`prefix` comes before every program, such as `docker exec -i hnpal-postgres`.

    `user` may do everything. `owner` owns what is in the database and restores it, so that what a
    dump says is done with no more rights than that; `app` may use its rows.
    """

    prefix: list[str]
    user: str
    database: str
    owner: str
    app: str

    def command(
        self, program: str, *arguments: str, database: str = "", user: str = ""
    ) -> list[str]:
        target = [f"--username={user or self.user}", f"--dbname={database or self.database}"]
        return [*self.prefix, program, *target, *arguments]

    def run(self, sql: str, *, database: str = "") -> list[str]:
        """Run statements from standard input, so that they appear in no process list."""
        psql = self.command(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--set=ON_ERROR_STOP=1", database=database,
        )  # fmt: skip
        try:
            done = subprocess.run(
                psql, input=sql, capture_output=True, text=True, check=False,
                timeout=STATEMENT_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise BackupError(f"PostgreSQL did not answer in {STATEMENT_SECONDS} s") from error
        if done.returncode != 0:
            raise BackupError(f"psql: {last_line(done.stderr)}")
        return done.stdout.splitlines()

    def exists(self, database: str) -> bool:
        found = self.run(f"SELECT 1 FROM pg_database WHERE datname = '{database}'",
                         database=ALWAYS_THERE)  # fmt: skip
        return bool(found)

    def contents_of_restored(self, database: str) -> Contents:
        """The contents of a restored database, read with the owner's rights only."""
        with self.snapshot(database, self.owner) as (_, contents):
            return contents

    @contextmanager
    def snapshot(self, database: str = "", user: str = "") -> Iterator[tuple[str, Contents]]:
        """Hold a snapshot of the database: its name for pg_dump, and its contents."""
        psql = self.command(
            "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align",
            "--set=ON_ERROR_STOP=1", database=database, user=user,
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
        """Create the database from the dump."""
        self.drop(database)
        self._provide_roles()
        self.run(
            f'CREATE DATABASE "{database}" TEMPLATE template0 OWNER "{self.owner}"',
            database=ALWAYS_THERE,
        )
        names = {"owner": self.owner, "app": self.app, "database": database}
        self.run(RIGHTS.format(**names), database=database)
        command = self.command(
            *("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error"),
            database=database,
            user=self.owner,
        )
        with dump.open("rb") as content:
            done = subprocess.run(command, stdin=content, capture_output=True, check=False)
        if done.returncode != 0:
            raise BackupError(f"pg_restore: {last_line(done.stderr.decode())}")

    def _provide_roles(self) -> None:
        """Make roles that are missing; role app gives them their passwords."""
        for role in (self.owner, self.app):
            if not self.run(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'",
                            database=ALWAYS_THERE):  # fmt: skip
                self.run(f'CREATE ROLE "{role}" LOGIN', database=ALWAYS_THERE)

    def drop(self, database: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)', database=ALWAYS_THERE)

    def replace(self, database: str, by: str) -> None:
        """Replace a database by another one, atomically."""
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
    """A psql session that runs one statement at a time and reads its whole result."""

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
            # psql printed the reason before it exited. Unsent input would be written again on
            # close.
            with suppress(BrokenPipeError):
                self._questions.close()
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
