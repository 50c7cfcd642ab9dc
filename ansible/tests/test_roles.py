"""The roles in PostgreSQL: what the app may do, what it may not, and that nothing is locked out."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hnpal_host import roles
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError
from settings import derived_passwords
from simulators import embedded

PASSWORDS = derived_passwords("a-password-of-the-operator", ["app", "migrations"])
# As the release before made it: everything belongs to the superuser.
SCHEMA = """
    CREATE TABLE alembic_version (version_num text);
    CREATE TABLE readers (id bigserial PRIMARY KEY, name text);
    CREATE SEQUENCE numbers;
    CREATE TYPE mood AS ENUM ('good', 'bad');
    CREATE VIEW names AS SELECT name FROM readers;
    CREATE TABLE "Odd Name" (id int GENERATED ALWAYS AS IDENTITY);
    CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
    INSERT INTO readers (name) VALUES ('Ada');
"""
REFUSED = [
    "COPY readers FROM PROGRAM 'id'",
    "COPY readers TO PROGRAM 'cat >/dev/null'",
    "COPY readers TO '/tmp/readers'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "CREATE TABLE mine (id int)",
    "CREATE TEMP TABLE mine (id int)",
    "DROP TABLE readers",
    "ALTER TABLE readers ADD COLUMN more text",
    "TRUNCATE readers",
    "CREATE ROLE other SUPERUSER",
    "CREATE EXTENSION plperlu",
    "ALTER SYSTEM SET log_statement = 'all'",
    "SET ROLE hn_pal",
    "SELECT rolpassword FROM pg_authid",
]
ALLOWED = [
    "INSERT INTO readers (name) VALUES ('Bob')",
    'INSERT INTO "Odd Name" DEFAULT VALUES',
    "UPDATE readers SET name = 'Eve' WHERE id = 2",
    "DELETE FROM readers WHERE id = 2",
    "SELECT nextval('numbers'), one(), 'good'::mood, name FROM names",
    "SELECT pg_advisory_xact_lock(1), pg_database_size(current_database())",
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'",
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.PostgreSQL]:
    data = tmp_path_factory.mktemp("postgresql") / "data"
    data.parent.chmod(0o755)
    with embedded.postgresql(data, durable=False) as running:
        # As in the container: the network takes a password, the socket, here the superuser, none.
        known = (data / "pg_hba.conf").read_text()
        names = "hn_pal_app,hn_pal_migrations"
        strict = f"host all {names} 127.0.0.1/32 scram-sha-256\n"
        (data / "pg_hba.conf").write_text(strict + known)
        psql(running, "postgres", "SELECT pg_reload_conf()")
        yield running


def connect(server: embedded.PostgreSQL, database: str, user: str = embedded.USER) -> list[str]:
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-d", database]
    return [str(server.binaries / "psql"), "-X", *where, "-U", user]


def psql(
    server: embedded.PostgreSQL,
    database: str,
    sql: str,
    user: str = embedded.USER,
    password: str = "",
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*connect(server, database, user), "-v", "ON_ERROR_STOP=1", "-qAtc", sql],
        env={**os.environ, "PGPASSWORD": password},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def config(
    server: embedded.PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[HostConfig]:
    programs = tmp_path / "bin"
    programs.mkdir()
    # docker exec -i hnpal-postgres PROGRAM …, with the names that hold in the container.
    (programs / "docker").write_text(
        f"#!/bin/bash\nshift 3\nexport PGPORT={server.port} PGHOST=127.0.0.1\n"
        f'export PATH={server.binaries}:$PATH\nexec "${{@//--host=postgres/--host=127.0.0.1}}"\n'
    )
    (programs / "docker").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    assert psql(server, "postgres", "CREATE DATABASE hn_pal").returncode == 0
    assert psql(server, "hn_pal", SCHEMA).returncode == 0, psql(server, "hn_pal", SCHEMA).stderr
    yield HostConfig(
        home=tmp_path,
        project="hnpal",
        compose_file="compose.yml",
        image="hnpal-app",
        data_services=["postgres", "redis"],
        health_seconds=0,
        backup_lock=tmp_path / "lock",
    )
    psql(server, "postgres", "DROP DATABASE IF EXISTS hn_pal WITH (FORCE)")
    psql(server, "postgres", "DROP ROLE IF EXISTS hn_pal_app, hn_pal_migrations")


def write_settings(config: HostConfig, passwords: dict[str, str] = PASSWORDS) -> None:
    urls = {
        name: f"postgresql+asyncpg://hn_pal_{role}:{passwords[role]}@postgres:5432/hn_pal"
        for name, role in (("HNPAL_APP_URL", "app"), ("HNPAL_MIGRATIONS_URL", "migrations"))
    }
    content = {**urls, "POSTGRES_USER": "hn_pal", "POSTGRES_DB": "hn_pal"}
    config.settings.write_text("".join(f"{name}='{value}'\n" for name, value in content.items()))


def app(server: embedded.PostgreSQL, sql: str) -> subprocess.CompletedProcess[str]:
    return psql(server, "hn_pal", sql, "hn_pal_app", PASSWORDS["app"])


def owner(server: embedded.PostgreSQL, sql: str) -> subprocess.CompletedProcess[str]:
    return psql(server, "hn_pal", sql, "hn_pal_migrations", PASSWORDS["migrations"])


def test_an_existing_database_is_given_to_its_roles_once(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    done = roles.provide(config)
    assert done[:2] == ["made the role hn_pal_migrations", "made the role hn_pal_app"]
    assert len(done) == 4
    assert roles.provide(config) == []


def test_the_app_role_may_only_work_with_rows(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    roles.provide(config)
    for statement in ALLOWED:
        done = app(server, statement)
        assert done.returncode == 0, done.stderr
    for statement in REFUSED:
        assert app(server, statement).returncode != 0, statement


def test_the_migrations_role_may_only_change_the_schema(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    roles.provide(config)
    for statement in (
        "ALTER TABLE readers ADD COLUMN more text",
        "CREATE TABLE fresh (id bigserial, reader bigint REFERENCES readers)",
        "CREATE INDEX CONCURRENTLY ix_name ON readers (name)",
        "CREATE OR REPLACE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 2'",
    ):
        done = owner(server, statement)
        assert done.returncode == 0, done.stderr
    # What is made later is the app's to use without being given.
    assert app(server, "INSERT INTO fresh (reader) VALUES (1)").returncode == 0
    assert roles.provide(config) == []
    for statement in REFUSED[:5]:
        assert owner(server, statement).returncode != 0, statement


def test_tables_made_by_the_previous_release_are_reassigned(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    roles.provide(config)
    # It still gets in as it did, and owns what it makes.
    assert psql(server, "hn_pal", "CREATE TABLE old (id bigserial)").returncode == 0
    assert app(server, "SELECT * FROM old").returncode != 0
    done = roles.provide(config)
    assert done == [
        "gave hn_pal_migrations 1 tables, sequences and functions",
        "gave hn_pal_app 6 rights",
    ]
    assert app(server, "INSERT INTO old DEFAULT VALUES").returncode == 0


def test_a_rotated_password_is_set_and_the_old_one_ends(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    roles.provide(config)
    write_settings(config, derived_passwords("another-password", ["app", "migrations"]))
    assert roles.provide(config) == [
        "changed the role hn_pal_migrations",
        "changed the role hn_pal_app",
    ]
    assert app(server, "SELECT 1").returncode != 0


def test_a_privileged_role_is_demoted(server: embedded.PostgreSQL, config: HostConfig) -> None:
    write_settings(config)
    roles.provide(config)
    psql(server, "hn_pal", "ALTER ROLE hn_pal_app SUPERUSER")
    assert roles.provide(config) == ["changed the role hn_pal_app"]
    assert app(server, REFUSED[0]).returncode != 0


def test_locks_held_by_the_app_are_waited_for(
    server: embedded.PostgreSQL, config: HostConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_settings(config)
    holding = subprocess.Popen(
        [*connect(server, "hn_pal"), "-q"],
        stdin=subprocess.PIPE,
        text=True,
        stdout=subprocess.PIPE,
    )
    assert holding.stdin is not None and holding.stdout is not None
    with holding:
        holding.stdin.write("BEGIN; LOCK TABLE readers; \\echo held\n")
        holding.stdin.flush()
        assert holding.stdout.readline() == "held\n"
        monkeypatch.setattr(roles, "ATTEMPTS", 1)
        with pytest.raises(HostError, match="lock timeout"):
            roles.provide(config)
        holding.stdin.close()


def test_an_unmanaged_database_is_left_alone(
    server: embedded.PostgreSQL, config: HostConfig
) -> None:
    write_settings(config)
    assert roles.provide(replace(config, data_services=[])) == []
    config.settings.write_text("DATABASE_URL='postgresql://x:y@db/z'\nPOSTGRES_USER='hn_pal'\n")
    assert roles.provide(config) == []
    config.settings.write_text(
        "HNPAL_APP_URL='postgresql://hn_pal:y@postgres/hn_pal'\nPOSTGRES_USER='hn_pal'\n"
        "HNPAL_MIGRATIONS_URL='postgresql://hn_pal:y@postgres/hn_pal'\nPOSTGRES_DB='hn_pal'\n"
    )
    assert roles.provide(config) == []
    found = psql(server, "hn_pal", "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'hn_pal_%'")
    assert found.stdout == "0\n"


def test_no_message_quotes_a_password(config: HostConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    write_settings(config)
    monkeypatch.setattr(roles, "ATTRIBUTES", "NONSENSE")
    with pytest.raises(HostError) as error:
        roles.provide(config)
    assert not [one for one in PASSWORDS.values() if one in str(error.value)]
    with pytest.raises(HostError, match="needs no quoting"):
        write_settings(config, {"app": "a%27b", "migrations": "c"})
        roles.provide(config)


def test_derived_passwords_are_stable_and_distinct() -> None:
    again = derived_passwords("a-password-of-the-operator", ["app", "migrations"])
    assert again == PASSWORDS
    other = derived_passwords("a-password-of-the-operatos", ["app", "migrations"])
    assert len({*PASSWORDS.values(), *other.values()}) == 4
    assert all(len(one) == 48 and one.isalnum() for one in PASSWORDS.values())
