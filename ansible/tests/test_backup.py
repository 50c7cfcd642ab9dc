"""The backup program against a real PostgreSQL."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hnpal_backup import __main__ as command
from hnpal_backup import dumps, exports, logs, unpack
from hnpal_backup.backups import Backups
from hnpal_backup.bucket import Bucket, file_system_type
from hnpal_backup.failure import BackupError
from hnpal_backup.limits import exclusively, run_within, time_limit
from hnpal_backup.postgres import Postgres
from hnpal_backup.repair import repair
from hnpal_backup.reports import Reports
from hnpal_backup.retention import Retention
from hnpal_backup.seal import Seal, read_seal
from simulators import embedded

SCHEMA = """
    CREATE TABLE alembic_version (version_num text);
    INSERT INTO alembic_version VALUES ('0007');
    CREATE TABLE readers (id int PRIMARY KEY, name text);
    INSERT INTO readers SELECT n, 'reader ' || n FROM generate_series(1, 1000) n;
    CREATE TABLE host_reports (kind text PRIMARY KEY, at timestamptz, detail jsonb);
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.PostgreSQL]:
    data = tmp_path_factory.mktemp("postgresql") / "data"
    data.parent.chmod(0o755)
    with embedded.postgresql(data, durable=False) as running:
        yield running


@pytest.fixture
def postgres(server: embedded.PostgreSQL) -> Postgres:
    """A database with a schema and rows, created for every test."""
    prefix = ["env", "PGHOST=127.0.0.1", f"PGPORT={server.port}", f"PATH={server.binaries}"]
    fresh = Postgres(prefix, embedded.USER, "hn_pal", "hn_pal_migrations", "hn_pal_app")
    fresh.drop("hn_pal")
    fresh.run("CREATE DATABASE hn_pal", database="postgres")
    fresh.run(SCHEMA)
    return fresh


@pytest.fixture
def backups(postgres: Postgres, tmp_path: Path) -> Backups:
    here, bucket = tmp_path / "here", tmp_path / "bucket"
    here.mkdir()
    bucket.mkdir()
    return Backups(
        postgres=postgres,
        directory=here,
        bucket=Bucket(bucket, file_system_type(bucket)),
        keep=Retention(daily=7, weekly=4, monthly=6, on_demand=5),
        reports=Reports(here / "reports.json", postgres),
        seal=Seal(b"the key of this test"),
        log_command=["echo"],
        log_files=2,
        export_command=["false"],
    )


def away(backups: Backups) -> Backups:
    """The same backups while its bucket is not mounted."""
    return replace(backups, bucket=replace(the_bucket(backups), file_system="fuse.s3fs"))


def the_bucket(backups: Backups) -> Bucket:
    bucket = backups.bucket
    assert bucket is not None
    return bucket


def beside(backups: Backups, name: str) -> Path:
    """A folder of the bucket beside its dumps."""
    return the_bucket(backups).directory.parent / name


def hang(backups: Backups, name: str) -> Backups:
    """The same backups, where reading that file of its bucket never returns."""
    os.mkfifo(the_bucket(backups).directory / name)
    return replace(backups, bucket=replace(the_bucket(backups), question_seconds=0.5))


def readers(postgres: Postgres) -> int:
    return int(postgres.run("SELECT count(*) FROM readers")[0])


def test_a_dump_has_a_manifest_and_is_stored_in_both_places(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    (manifest,) = dumps.manifests(backups.directory)
    assert manifest.rows["public.readers"] == 1000
    assert manifest.revision == "0007"
    assert dumps.manifests(the_bucket(backups).directory) == [manifest]
    dumps.check(the_bucket(backups).directory / manifest.name, manifest)


def test_the_last_successful_backup_and_drill_are_reported(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    backups.drill()
    told = backups.postgres.run("SELECT kind, detail->>'name' FROM host_reports ORDER BY kind")
    (name,) = [one.name for one in dumps.manifests(backups.directory)]
    assert told == [f"backup|{name}", f"drill|{name}"]
    assert set(backups.reports.read()) == {"backup", "drill"}


def test_failures_are_reported_until_the_next_success(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["hnpal-backup", "dump"])
    monkeypatch.setattr(command, "read_configuration", lambda _: away(backups))
    assert command.main() == 1
    query = "SELECT kind, detail->>'error' LIKE '%not mounted%' FROM host_reports ORDER BY at, kind"
    assert backups.postgres.run(query) == ["backup|", "backup_failure|t"]
    monkeypatch.setattr(command, "read_configuration", lambda _: backups)
    assert command.main() == 0
    assert backups.reports.read()["backup"]["at"] >= backups.reports.read()["backup_failure"]["at"]


def test_a_failure_is_printed_even_if_its_report_cannot_be_written(backups: Backups) -> None:
    reports = replace(backups.reports, path=backups.directory / "nowhere" / "reports.json")
    reports.add_failure("drill", "no space left on device")
    assert backups.postgres.run("SELECT kind FROM host_reports") == ["drill_failure"]


def test_a_dump_that_fails_leaves_nothing_behind(backups: Backups) -> None:
    backups.postgres.drop("hn_pal")
    with pytest.raises(BackupError, match="hn_pal"):
        backups.dump("nightly", here_only=False)
    assert list(backups.directory.iterdir()) == []


def test_without_the_bucket_the_dump_is_kept_and_the_failure_reported(backups: Backups) -> None:
    with pytest.raises(BackupError, match=r"only on this host.*not mounted"):
        away(backups).dump("nightly", here_only=False)
    assert len(dumps.manifests(backups.directory)) == 1
    assert backups.reports.read()["backup"]["bucket"] is False


def test_the_next_dump_uploads_missing_dumps(backups: Backups) -> None:
    with pytest.raises(BackupError):
        away(backups).dump("first", here_only=False)
    backups.dump("second", here_only=False)
    there = dumps.manifests(the_bucket(backups).directory)
    assert {one.reason for one in there} == {"first", "second"}


def test_a_dump_without_its_manifest_is_ignored(backups: Backups) -> None:
    (backups.directory / "hn_pal-20260101T000000Z-nightly.dump").write_bytes(b"half a dump")
    with pytest.raises(BackupError, match="no dump yet"):
        backups.drill()


def test_the_drill_restores_and_compares_then_cleans_up(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    backups.postgres.run("DELETE FROM readers")
    assert "as it was dumped" in backups.drill()
    assert readers(backups.postgres) == 0
    assert not backups.postgres.exists("hn_pal_drill")


def test_the_drill_finds_a_damaged_dump(backups: Backups) -> None:
    backups.dump("nightly", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    dump = backups.directory / manifest.name
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        backups.drill()


def test_the_drill_finds_a_dump_that_restores_to_something_else(backups: Backups) -> None:
    backups.dump("nightly", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    claimed = replace(manifest, rows=manifest.rows | {"public.readers": 1001})
    dumps.write_manifest(backups.seal.put_on(claimed), backups.directory)
    with pytest.raises(BackupError, match="other contents"):
        backups.drill()
    assert "drill" not in backups.reports.read()


def test_a_restore_replaces_the_rows_and_keeps_the_old_database(backups: Backups) -> None:
    backups.dump("manual", here_only=True)
    backups.postgres.run("DELETE FROM readers WHERE id > 10")
    said = backups.restore("")
    assert readers(backups.postgres) == 1000
    (safety,) = [one for one in dumps.manifests(backups.directory) if one.reason != "manual"]
    assert safety.name in said
    assert safety.rows["public.readers"] == 10
    # The newest dump to restore is still the one that was made to be kept.
    backups.restore("")
    assert readers(backups.postgres) == 1000


def test_a_named_dump_is_restored_into_a_missing_database(backups: Backups) -> None:
    backups.dump("manual", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    backups.postgres.drop("hn_pal")
    backups.restore(manifest.name)
    assert readers(backups.postgres) == 1000


def test_a_missing_dump_is_detected_before_anything_is_changed(backups: Backups) -> None:
    for wanted, said in (("", "there is no dump yet"), ("lost.dump", "there is no dump lost.dump")):
        with pytest.raises(BackupError, match=said):
            backups.find(wanted)
    backups.dump("manual", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    dump = backups.directory / manifest.name
    assert backups.find("") == backups.find(manifest.name) == backups.find(str(dump)) == dump


def test_the_dump_of_an_empty_database_is_never_the_one_to_restore(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    backups.postgres.drop("hn_pal")
    backups.postgres.run("CREATE DATABASE hn_pal", database="postgres")
    # As site.yml does before its migrations, on a host whose data was lost.
    backups.dump("before-migration", here_only=True)
    backups.restore("")
    assert readers(backups.postgres) == 1000


def test_a_restore_that_fails_changes_nothing(backups: Backups) -> None:
    broken = backups.directory / "broken.dump"
    broken.write_bytes(b"not a dump")
    with pytest.raises(BackupError, match="pg_restore"):
        backups.restore("broken.dump")
    assert readers(backups.postgres) == 1000
    assert not backups.postgres.exists("hn_pal_incoming")


def test_an_older_schema_without_the_table_of_reports_is_accepted(backups: Backups) -> None:
    backups.postgres.run("DROP TABLE host_reports")
    backups.dump("nightly", here_only=False)
    assert backups.reports.read()["backup"]["bucket"] is True


def test_the_log_archive_continues_where_the_last_one_ended(backups: Backups) -> None:
    backups.archive_logs()
    since = backups.reports.read()["logs"]["at"]
    backups.archive_logs()
    newest = max(beside(backups, "logs").iterdir())
    assert since in gzip.decompress(newest.read_bytes()).decode()


def test_without_the_bucket_no_log_is_written_anywhere(backups: Backups) -> None:
    with pytest.raises(BackupError, match="not mounted"):
        away(backups).archive_logs()
    assert not beside(backups, "logs").exists()


def test_a_log_that_cannot_be_read_leaves_no_archive(backups: Backups) -> None:
    with pytest.raises(BackupError, match="cannot be read"):
        replace(backups, log_command=["false"]).archive_logs()
    assert not beside(backups, "logs").exists()
    assert list(backups.directory.glob("app-*")) == []


def exported(backups: Backups, tmp_path: Path, **files: str) -> Backups:
    """The same backups, whose bot exported these files, and a link to what is not its own."""
    with tarfile.open(tmp_path / "exports.tar", "w") as archive:
        link = tarfile.TarInfo("exports/shadow")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"exports/../{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return replace(backups, export_command=["cat", str(tmp_path / "exports.tar")])


def test_exported_files_are_uploaded_once(backups: Backups, tmp_path: Path) -> None:
    exporting = exported(backups, tmp_path, index="today", feed="news")
    assert "2 exported files are new" in exporting.copy_exports()
    assert "0 exported files are new" in exporting.copy_exports()
    assert "1 exported" in exported(backups, tmp_path, index="later", feed="news").copy_exports()
    copied = {
        path.name: path.read_text()
        for path in (the_bucket(backups).directory.parent / "exports").iterdir()
    }
    assert copied == {"index": "later", "feed": "news"}


def test_files_that_are_not_small_and_regular_are_refused_by_name(
    backups: Backups, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("a secret of the host")
    packed = tmp_path / "exports.tar"
    with tarfile.open(packed, "w") as archive:
        for kind, name in (
            (tarfile.SYMTYPE, "soft"), (tarfile.LNKTYPE, "hard"), (tarfile.FIFOTYPE, "fifo"),
            (tarfile.CHRTYPE, "device"),
        ):  # fmt: skip
            entry = tarfile.TarInfo(f"exports/{name}")
            entry.type, entry.linkname = kind, str(outside)
            archive.addfile(entry)
        for name, size in (
            ("large", unpack.MAX_FILE_BYTES + 1), ("..", 1), ("a b", 1), ("-rf", 1), (".hidden", 1),
            ("x" * 200, 1), ("fits", unpack.MAX_FILE_BYTES),
        ):  # fmt: skip
            entry = tarfile.TarInfo(f"exports/{name}")
            entry.size = size
            archive.addfile(entry, io.BytesIO(b"x" * size))
    said = replace(backups, export_command=["cat", str(packed)]).copy_exports()
    assert "1 exported files are new" in said
    assert [one.name for one in beside(backups, "exports").iterdir()] == ["fits"]
    refused = [line for line in capfd.readouterr().err.splitlines() if "refused" in line]
    assert len(refused) == 10
    assert any("'large'" in line and "larger" in line for line in refused)


def test_a_link_in_the_bucket_is_not_followed(backups: Backups, tmp_path: Path) -> None:
    beside(backups, "exports").mkdir()
    outside = tmp_path / "outside"
    (beside(backups, "exports") / "index").symlink_to(outside)
    with pytest.raises(BackupError, match="is a link"):
        exported(backups, tmp_path, index="today").copy_exports()
    assert not outside.exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"x" * 100_000], ids=len)
def test_invalid_archives_are_an_error(backups: Backups, tmp_path: Path, content: bytes) -> None:
    packed = tmp_path / "exports.tar"
    packed.write_bytes(content)
    with pytest.raises(BackupError, match="cannot be read"):
        replace(backups, export_command=["cat", str(packed)]).copy_exports()


def test_an_archive_that_ends_early_is_an_error(backups: Backups, tmp_path: Path) -> None:
    exporting = exported(backups, tmp_path, index="today" * 10_000)
    packed = tmp_path / "exports.tar"
    packed.write_bytes(packed.read_bytes()[:20_000])
    with pytest.raises(BackupError, match=r"cannot be read|end within"):
        exporting.copy_exports()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become nobody")
def test_the_archive_is_not_readable_by_others(backups: Backups, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    program = (
        f"until pgrep -f hnpal_backup.unpack >/dev/null; do :; done; "
        f"ps -o uid= -p $(pgrep -f hnpal_backup.unpack) >{seen}"
    )
    with pytest.raises(BackupError):
        replace(backups, export_command=["sh", "-c", program]).copy_exports()
    assert str(exports.NOBODY) in seen.read_text().split()


def test_a_foreign_dump_in_the_bucket_is_not_restored(
    backups: Backups, capsys: pytest.CaptureFixture[str]
) -> None:
    backups.dump("nightly", here_only=False)
    (own,) = dumps.manifests(backups.directory)
    bucket = the_bucket(backups).directory
    forged = replace(own, name="hn_pal-20990101T000000Z-nightly.dump", at="20990101T000000Z")
    (bucket / forged.name).write_bytes((bucket / own.name).read_bytes())
    other = Seal(b"another key")
    for manifest in (forged, replace(forged, seal=""), other.put_on(forged)):
        dumps.write_manifest(manifest, bucket)
        # The newest by its own words is left out, and the newest of this installation taken.
        assert backups.find("").name == own.name
        assert forged.name in capsys.readouterr().err
        for wanted in (forged.name, str(bucket / forged.name)):
            with pytest.raises(BackupError, match="seal"):
                backups.restore(wanted)
        assert "as it was dumped" in backups.drill()
    assert forged.name in backups.restore(forged.name, trusting=True)
    (backups.directory / own.name).unlink()
    dumps.manifest_path(backups.directory / own.name).unlink()
    assert backups.find("").parent == bucket
    with pytest.raises(BackupError, match="no dump of this installation"):
        replace(backups, seal=Seal(b"a new host's key")).find("")


def test_changing_a_manifest_invalidates_its_seal(backups: Backups) -> None:
    backups.dump("nightly", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    assert backups.seal.is_on(manifest)
    for changed in (
        replace(manifest, sha256="0" * 64), replace(manifest, revision="9999"),
        replace(manifest, at="20990101T000000Z"), replace(manifest, rows={}),
        replace(manifest, reason="x"), replace(manifest, bytes=1), replace(manifest, name="x"),
    ):  # fmt: skip
        assert not backups.seal.is_on(changed)


def test_unsealed_dumps_of_an_earlier_release_are_sealed_in_both_places(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    (manifest,) = dumps.manifests(backups.directory)
    bucket = the_bucket(backups).directory
    for directory in (backups.directory, bucket):
        dumps.write_manifest(replace(manifest, seal=""), directory)
    # Where only root writes, it is believed.
    assert backups.find("") == backups.directory / manifest.name
    backups.dump("manual", here_only=False)
    for directory in (backups.directory, bucket):
        found = dumps.read_manifest(directory / manifest.name)
        assert found is not None
        assert backups.seal.is_on(found)


def test_the_key_is_made_once_for_root_alone(tmp_path: Path) -> None:
    path = tmp_path / "hnpal" / "backup.key"
    seal = read_seal(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_seal(path) == seal
    assert len(seal.key) == 64
    path.chmod(0o644)
    with pytest.raises(BackupError, match="root alone"):
        read_seal(path)
    path.chmod(0o600)
    path.write_text("short\n")
    with pytest.raises(BackupError, match="32 characters") as error:
        read_seal(path)
    assert "short" not in str(error.value)


@pytest.mark.parametrize(
    "statement",
    [
        "COPY alembic_version FROM PROGRAM 'echo 1'",
        "CREATE ROLE intruder SUPERUSER",
        "RESET ROLE; RESET SESSION AUTHORIZATION; ALTER ROLE hn_pal_app SUPERUSER",
        "ALTER SYSTEM SET archive_command = 'id'",
    ],
)
def test_a_dump_is_restored_with_only_the_rights_its_tables_need(
    backups: Backups, statement: str
) -> None:
    backups.dump("manual", here_only=True)
    backups.restore("")
    restored = backups.postgres.run(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    )
    assert restored == ["hn_pal_migrations"]
    done = subprocess.run(
        backups.postgres.command("psql", "-X", "-c", statement, user="hn_pal_migrations"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert "permission denied" in done.stderr or "must be superuser" in done.stderr


def test_the_app_may_use_the_restored_tables(backups: Backups) -> None:
    backups.dump("manual", here_only=True)
    backups.restore("")
    as_app = replace(backups.postgres, user="hn_pal_app")
    as_app.run("INSERT INTO readers VALUES (2000, 'after the restore')")
    assert as_app.run("SELECT count(*) FROM readers") == ["1001"]
    with pytest.raises(BackupError, match=r"must be owner|permission denied"):
        as_app.run("DROP TABLE readers")


def test_nothing_is_uploaded_before_the_first_export(backups: Backups) -> None:
    said = (
        'echo "Error: Could not find the file /app/data/exports in container hnpal-app" >&2; exit 1'
    )
    assert "0 exported" in replace(backups, export_command=["sh", "-c", said]).copy_exports()
    gone = 'echo "Error: No such container: hnpal-app" >&2; exit 1'
    with pytest.raises(BackupError, match="No such container"):
        replace(backups, export_command=["sh", "-c", gone]).copy_exports()


DAMAGED = {
    "empty": b"",
    "zeros": b"\0" * 300,
    "cut": b'{"name": "hn_pal-2026',
    "no text": b"\xff\xfe\x00",
    "a list": b"[1]",
    "a field missing": b'{"name": "x"}',
    "rows of another kind": b'{"name":"","at":"","reason":"","bytes":1,"sha256":"",'
    b'"revision":"","rows":[]}',
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_manifest_is_named_and_the_others_are_used(
    backups: Backups, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    backups.dump("good", here_only=False)
    damaged = backups.directory / "hn_pal-20990101T000000Z-nightly.dump"
    damaged.write_bytes(b"a dump")
    dumps.manifest_path(damaged).write_bytes(content)
    backups.dump("another", here_only=False)
    assert "good" in backups.listing()
    assert "as it was dumped" in backups.drill()
    backups.restore("")
    assert str(dumps.manifest_path(damaged)) in capsys.readouterr().err
    with pytest.raises(BackupError, match=dumps.manifest_path(damaged).name):
        backups.restore(damaged.name)
    assert readers(backups.postgres) == 1000


def test_a_manifest_of_another_dump_is_damaged(backups: Backups) -> None:
    backups.dump("good", here_only=True)
    (manifest,) = dumps.manifests(backups.directory)
    other = backups.directory / "hn_pal-20990101T000000Z-nightly.dump"
    other.write_bytes(b"a dump")
    dumps.manifest_path(other).write_text(
        dumps.manifest_path(backups.directory / manifest.name).read_text()
    )
    assert dumps.manifests(backups.directory) == [manifest]


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"backup": 5}', b'{"backup": {"at": "x"}}', b"\xff"]
)
def test_damaged_reports_are_named_and_do_not_stop_a_command(
    backups: Backups, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    backups.reports.path.write_bytes(content)
    backups.dump("nightly", here_only=False)
    assert str(backups.reports.path) in capsys.readouterr().err
    assert backups.reports.read()["backup"]["bucket"] is True


def test_a_damaged_report_does_not_affect_the_others(backups: Backups) -> None:
    backups.dump("nightly", here_only=False)
    reports = json.loads(backups.reports.path.read_text())
    backups.reports.path.write_text(json.dumps({**reports, "drill": None}))
    assert set(backups.reports.read()) == {"backup"}


def test_damaged_settings_are_named(tmp_path: Path) -> None:
    settings = tmp_path / "backup.json"
    for content in ("", "{}", '{"postgres": 1}'):
        settings.write_text(content)
        with pytest.raises(BackupError, match=r"backup\.json cannot be read"):
            command.read_configuration(settings)


def test_repair_rewrites_manifests_and_sets_aside_unrestorable_dumps(backups: Backups) -> None:
    backups.dump("first", here_only=False)
    backups.dump("second", here_only=True)
    first, second = sorted(dumps.manifests(backups.directory), key=lambda one: one.reason)
    for manifest in (first, second):
        dumps.manifest_path(backups.directory / manifest.name).write_text("")
    broken = backups.directory / "hn_pal-20260101T000000Z-nightly.dump"
    broken.write_bytes(b"half a dump")
    (backups.directory / f"{broken.name}.partial").write_bytes(b"less")
    backups.reports.path.write_text("")
    done = "\n".join(repair(backups))
    for said in ("from the bucket's", "by restoring", f"{broken}.damaged", "cut short", "reports"):
        assert said in done
    assert sorted(dumps.manifests(backups.directory), key=lambda one: one.reason) == [first, second]
    assert "backup" in backups.reports.read()
    assert repair(backups) == []


def test_the_next_dump_removes_leftovers_of_a_killed_command(backups: Backups) -> None:
    draft = backups.directory / "hn_pal-20260101T000000Z-nightly.dump.partial"
    draft.write_bytes(b"half")
    backups.postgres.run("CREATE DATABASE hn_pal_incoming", database="postgres")
    backups.dump("nightly", here_only=False)
    assert not draft.exists()
    assert not backups.postgres.exists("hn_pal_incoming")


def test_repair_uploads_again_what_is_damaged_in_the_bucket(backups: Backups) -> None:
    backups.dump("first", here_only=False)
    (manifest,) = dumps.manifests(backups.directory)
    there = the_bucket(backups).directory / manifest.name
    dumps.manifest_path(there).write_text("")
    assert "to the bucket again" in repair(backups)[0]
    assert dumps.read_manifest(there) == manifest


def test_a_dump_that_is_only_in_the_bucket_is_restored_from_there(backups: Backups) -> None:
    backups.dump("first", here_only=False)
    (manifest,) = dumps.manifests(backups.directory)
    dumps.remove(manifest, backups.directory)
    backups.postgres.run("DELETE FROM readers")
    assert f"restored {the_bucket(backups).directory / manifest.name}" in backups.restore("")
    assert readers(backups.postgres) == 1000
    assert not list(backups.directory.glob("*.partial"))


def test_a_hanging_bucket_delays_no_command(
    backups: Backups, capsys: pytest.CaptureFixture[str]
) -> None:
    backups.dump("first", here_only=False)
    (the_bucket(backups).directory / "hn_pal-20990101T000000Z-nightly.dump").touch()
    hanging = hang(backups, "hn_pal-20990101T000000Z-nightly.json")
    with pytest.raises(BackupError, match=r"only on this host.*did not answer within 0\.5 s"):
        hanging.dump("second", here_only=False)
    assert "first" in hanging.listing()
    assert "did not answer" in capsys.readouterr().err
    assert "as it was dumped" in hanging.drill()
    hanging.restore("")
    with pytest.raises(BackupError, match="did not answer"):
        hanging.find("hn_pal-20990101T000000Z-nightly.dump")


def test_a_log_upload_that_exceeds_its_time_is_abandoned(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "store", lambda *_, **__: time.sleep(60))
    stuck = replace(backups, bucket=replace(the_bucket(backups), question_seconds=0.5))
    with pytest.raises(BackupError, match="did not answer"):
        stuck.archive_logs()
    assert list(backups.directory.glob("app-*")) == []
    assert "logs" not in backups.reports.read()


def test_another_running_command_is_named_after_a_timeout(tmp_path: Path) -> None:
    script = (
        "import sys, pathlib\n"
        "from hnpal_backup.limits import exclusively\n"
        f"with exclusively(pathlib.Path({str(tmp_path)!r}), 'drill', 0):\n"
        "    print('at work', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    ) as other:  # fmt: skip
        assert other.stdout is not None
        other.stdout.readline()
        waiting = pytest.raises(BackupError, match=rf"hnpal-backup drill, process {other.pid}")
        with waiting, exclusively(tmp_path, "dump", 0.3):
            pass
        other.communicate(b"")
    with exclusively(tmp_path, "dump", 0):
        pass


def fail() -> None:
    raise BackupError("no space")


def test_a_child_process_returns_its_result_or_error() -> None:
    assert run_within(10, "nobody", lambda: [1, "two"]) == [1, "two"]
    with pytest.raises(BackupError, match="no space"):
        run_within(10, "nobody", fail)
    with pytest.raises(BackupError, match="ended"):
        run_within(10, "somebody", lambda: os._exit(3))


def test_a_command_that_takes_too_long_is_killed() -> None:
    with pytest.raises(BackupError, match="not done within 0 minutes"), time_limit(1):
        time.sleep(30)
