"""Migrations run while the previous release still serves: expand now, contract a release later."""

from __future__ import annotations

import ast
import asyncio
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import asyncpg
import pytest

from app.database.connection import Pool
from app.database.migrate import pending, upgrade
from app.database.version import HEAD
from app.settings import Settings
from simulators.embedded import PostgreSQL
from simulators.processes import python

VERSIONS = Path(__file__).resolve().parents[1] / "migrations" / "versions"
MIGRATIONS = sorted(VERSIONS.glob("*.py"))
DESTRUCTIVE_CALL = re.compile(r"drop_\w+|rename_\w+")
DESTRUCTIVE_SQL = re.compile(
    r"\b(DROP|RENAME|TRUNCATE|SET\s+NOT\s+NULL)\b|\bALTER\s+COLUMN\s+\S+\s+(SET\s+DATA\s+)?TYPE\b",
    re.IGNORECASE,
)


def phase(source: str) -> str | None:
    """What the migration declares itself to be."""
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
            if "phase" in names:
                return str(statement.value.value)
    return None


def breaks_the_release_before(source: str) -> list[str]:
    """The steps of `upgrade` that code written for the schema before would not survive."""
    (upgrade,) = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    ]
    calls = [node for node in ast.walk(upgrade) if isinstance(node, ast.Call)]
    return [ast.unparse(call)[:80] for call in calls if _breaks(call)]


def _breaks(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    if name == "execute":
        return bool(DESTRUCTIVE_SQL.search(ast.unparse(call)))
    if name == "alter_column":
        narrower = {"new_column_name", "type_"} & set(given)
        return bool(narrower) or given.get("nullable") == "False"
    if name == "add_column":
        columns = [ast.unparse(argument) for argument in call.args]
        return any("nullable=False" in one and "server_default" not in one for one in columns)
    if name == "drop_index" and given.get("if_exists") == "True":
        return False  # what a try of this very migration may have left behind
    return bool(DESTRUCTIVE_CALL.fullmatch(name))


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_expands_unless_it_says_that_it_contracts(path: Path) -> None:
    source = path.read_text()
    assert phase(source) in {"expand", "contract"}, "declare `phase`"
    if phase(source) == "expand":
        assert breaks_the_release_before(source) == []


def test_no_commit_contains_both_an_expand_and_a_contract() -> None:
    git = shutil.which("git")
    command = ["log", "--diff-filter=A", "--format=commit %H", "--name-only", "--", str(VERSIONS)]
    if git is None or not (VERSIONS.parents[2] / ".git").exists():
        pytest.skip("no git history here")
    log = subprocess.run([git, *command], cwd=VERSIONS, capture_output=True, text=True, check=True)
    added_by: dict[str, str] = {}
    commit = ""
    for line in log.stdout.splitlines():
        if line.startswith("commit "):
            commit = line
        elif line:
            added_by.setdefault(Path(line).name, commit)
    phases: dict[str, set[str | None]] = defaultdict(set)
    for path in MIGRATIONS:
        phases[added_by.get(path.name, "not committed yet")].add(phase(path.read_text()))
    both = [commit for commit, found in phases.items() if len(found) > 1]
    assert both == [], "release the contract step after the release that expands"


@pytest.mark.parametrize(
    "step",
    [
        'op.drop_column("readers", "name")',
        'op.drop_table("readers")',
        'op.drop_index("by_zone")',
        'op.rename_table("readers", "people")',
        'op.alter_column("readers", "name", nullable=False)',
        'op.alter_column("readers", "name", new_column_name="title")',
        'op.add_column("readers", sa.Column("zone", sa.Text, nullable=False))',
        'op.execute("ALTER TABLE readers DROP COLUMN name")',
        'op.execute("ALTER TABLE readers ALTER COLUMN id TYPE bigint")',
    ],
)
def test_changes_that_break_the_previous_release_are_found(step: str) -> None:
    assert breaks_the_release_before(f"def upgrade() -> None:\n    {step}\n")


@pytest.mark.parametrize(
    "step",
    [
        'op.create_table("notes", sa.Column("id", sa.Integer))',
        'op.add_column("readers", sa.Column("zone", sa.Text))',
        'op.add_column("readers", sa.Column("n", sa.Integer, nullable=False, server_default="0"))',
        'op.create_index("by_zone", "readers", ["zone"])',
        'op.drop_index("by_zone", if_exists=True)',
        'op.alter_column("readers", "name", nullable=True)',
    ],
)
def test_changes_that_the_previous_release_tolerates_are_allowed(step: str) -> None:
    assert breaks_the_release_before(f"def upgrade() -> None:\n    {step}\n") == []


async def test_two_processes_migrate_one_after_the_other(postgresql_server: PostgreSQL) -> None:
    """Also where one builds an index that waits for the end of what the other has begun."""
    server = await asyncpg.connect(postgresql_server.dsn())
    await server.execute("CREATE DATABASE migrated_twice")
    await server.close()
    dsn = postgresql_server.dsn("migrated_twice")
    applied = await asyncio.gather(upgrade(dsn), upgrade(dsn))
    assert [bool(revisions) for revisions in sorted(applied)] == [False, True]
    assert await pending(dsn) == []


async def test_an_index_that_was_not_finished_is_built_anew(
    database: Pool, database_url: str
) -> None:
    index = "'ix_stories_words'::regclass"
    await database.execute("UPDATE alembic_version SET version_num = '0001'")
    await database.execute(f"UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = {index}")
    environment = {"DATABASE_URL": database_url}
    with python("-m", "alembic", "upgrade", "0002", environment=environment) as migrating:
        assert await asyncio.to_thread(migrating.wait, 60) == 0
    valid = f"SELECT indisvalid FROM pg_index WHERE indexrelid = {index}"
    assert await database.fetchval(valid)


@pytest.mark.parametrize("command", [["alembic", "upgrade", "head"], ["app.database.migrate"]])
@pytest.mark.parametrize("driver", ["postgresql", "postgresql+asyncpg"])
def test_a_migration_needs_an_address_that_the_app_takes_and_nothing_else(
    postgresql_server: PostgreSQL, database_name: str, command: list[str], driver: str
) -> None:
    address = postgresql_server.dsn(database_name).partition("://")[2]
    environment = {
        # Empty means unset, whatever the shell that runs the tests has.
        **{name.upper(): "" for name in Settings.model_fields},
        "DATABASE_URL": f"{driver}://{address}?sslmode=disable",
    }
    with python("-m", *command, environment=environment) as migrating:
        assert migrating.wait(60) == 0


@pytest.mark.parametrize("command", [["alembic", "upgrade", "head"], ["app.database.migrate"]])
def test_a_migration_without_an_address_says_what_is_missing(command: list[str]) -> None:
    environment = {"DATABASE_URL": ""}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with python("-m", *command, environment=environment, **streams) as migrating:
        assert migrating.stdout is not None
        said = migrating.stdout.read().decode()
        assert migrating.wait(60) != 0
    assert "DATABASE_URL is not set" in said and "Traceback" not in said


def test_the_app_asks_for_the_newest_revision() -> None:
    assert MIGRATIONS[-1].name.partition("_")[0] == HEAD


def test_the_migrations_make_what_the_schema_declares(database_url: str) -> None:
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    environment = {"DATABASE_URL": database_url}
    with python("-m", "alembic", "check", environment=environment, **streams) as checking:
        assert checking.stdout is not None
        said = checking.stdout.read().decode()
        assert checking.wait(60) == 0, said
