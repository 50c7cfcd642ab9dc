"""The backup program against a real PostgreSQL."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hnpal_backup import __main__ as command
from hnpal_backup import dumps
from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import Postgres
from hnpal_backup.reports import Reports
from hnpal_backup.retention import Retention
from hnpal_backup.station import Station, file_system_type
from rehearsal import embedded

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
    """A database with a schema and rows, made anew for every test."""
    prefix = ["env", "PGHOST=127.0.0.1", f"PGPORT={server.port}", f"PATH={server.binaries}"]
    fresh = Postgres(prefix, embedded.USER, "hn_pal")
    fresh.drop("hn_pal")
    fresh.run("CREATE DATABASE hn_pal", database="postgres")
    fresh.run(SCHEMA)
    return fresh


@pytest.fixture
def station(postgres: Postgres, tmp_path: Path) -> Station:
    here, bucket = tmp_path / "here", tmp_path / "bucket"
    here.mkdir()
    bucket.mkdir()
    return Station(
        postgres=postgres,
        directory=here,
        bucket=bucket,
        bucket_type=file_system_type(bucket),
        keep=Retention(daily=7, weekly=4, monthly=6, on_demand=5),
        reports=Reports(here / "reports.json", postgres),
        log_command=["echo"],
        log_files=2,
        export_command=["false"],
    )


def away(station: Station) -> Station:
    """The same station while its bucket is not mounted."""
    return replace(station, bucket_type="fuse.s3fs")


def readers(postgres: Postgres) -> int:
    return int(postgres.run("SELECT count(*) FROM readers")[0])


def test_a_dump_says_what_it_holds_and_lies_in_both_places(station: Station) -> None:
    station.dump("nightly", here_only=False)
    (manifest,) = dumps.manifests(station.directory)
    assert manifest.rows["public.readers"] == 1000
    assert manifest.revision == "0007"
    assert station.bucket is not None
    assert dumps.manifests(station.bucket) == [manifest]
    dumps.check(station.bucket / manifest.name, manifest)


def test_the_last_good_backup_and_drill_are_told_to_the_bot(station: Station) -> None:
    station.dump("nightly", here_only=False)
    station.drill()
    told = station.postgres.run("SELECT kind, detail->>'name' FROM host_reports ORDER BY kind")
    (name,) = [one.name for one in dumps.manifests(station.directory)]
    assert told == [f"backup|{name}", f"drill|{name}"]
    assert set(station.reports.read()) == {"backup", "drill"}


def test_what_fails_is_told_to_the_bot_until_it_goes_well(
    station: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["hnpal-backup", "dump"])
    monkeypatch.setattr(command, "station", lambda _: away(station))
    assert command.main() == 1
    query = "SELECT kind, detail->>'error' LIKE '%not mounted%' FROM host_reports ORDER BY at, kind"
    assert station.postgres.run(query) == ["backup|", "backup_failure|t"]
    monkeypatch.setattr(command, "station", lambda _: station)
    assert command.main() == 0
    assert station.reports.read()["backup"]["at"] >= station.reports.read()["backup_failure"]["at"]


def test_a_failure_that_cannot_be_written_down_is_told_all_the_same(station: Station) -> None:
    reports = replace(station.reports, path=station.directory / "nowhere" / "reports.json")
    reports.add_failure("drill", "no space left on device")
    assert station.postgres.run("SELECT kind FROM host_reports") == ["drill_failure"]


def test_a_dump_that_fails_leaves_nothing_behind(station: Station) -> None:
    station.postgres.drop("hn_pal")
    with pytest.raises(BackupError, match="hn_pal"):
        station.dump("nightly", here_only=False)
    assert list(station.directory.iterdir()) == []


def test_without_the_bucket_the_dump_is_kept_and_the_failure_said(station: Station) -> None:
    with pytest.raises(BackupError, match=r"only on this host.*not mounted"):
        away(station).dump("nightly", here_only=False)
    assert len(dumps.manifests(station.directory)) == 1
    assert station.reports.read()["backup"]["bucket"] is False


def test_the_next_dump_brings_the_bucket_what_it_missed(station: Station) -> None:
    with pytest.raises(BackupError):
        away(station).dump("first", here_only=False)
    station.dump("second", here_only=False)
    assert station.bucket is not None
    assert {one.reason for one in dumps.manifests(station.bucket)} == {"first", "second"}


def test_a_dump_without_its_manifest_is_no_backup(station: Station) -> None:
    (station.directory / "hn_pal-20260101T000000Z-nightly.dump").write_bytes(b"half a dump")
    with pytest.raises(BackupError, match="no dump yet"):
        station.drill()


def test_the_drill_restores_compares_and_cleans_up(station: Station) -> None:
    station.dump("nightly", here_only=False)
    station.postgres.run("DELETE FROM readers")
    assert "as it was dumped" in station.drill()
    assert readers(station.postgres) == 0
    assert not station.postgres.exists("hn_pal_drill")


def test_the_drill_finds_a_damaged_dump(station: Station) -> None:
    station.dump("nightly", here_only=True)
    (manifest,) = dumps.manifests(station.directory)
    dump = station.directory / manifest.name
    content = bytearray(dump.read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        station.drill()


def test_the_drill_finds_a_dump_that_restores_to_something_else(station: Station) -> None:
    station.dump("nightly", here_only=True)
    (manifest,) = dumps.manifests(station.directory)
    path = dumps.manifest_path(station.directory / manifest.name)
    claimed = json.loads(path.read_text())
    claimed["rows"]["public.readers"] = 1001
    path.write_text(json.dumps(claimed))
    with pytest.raises(BackupError, match="other contents"):
        station.drill()
    assert "drill" not in station.reports.read()


def test_a_restore_brings_the_rows_back_and_keeps_what_was_there(station: Station) -> None:
    station.dump("manual", here_only=True)
    station.postgres.run("DELETE FROM readers WHERE id > 10")
    said = station.restore("")
    assert readers(station.postgres) == 1000
    (safety,) = [one for one in dumps.manifests(station.directory) if one.reason != "manual"]
    assert safety.name in said
    assert safety.rows["public.readers"] == 10
    # The newest dump to restore is still the one that was made to be kept.
    station.restore("")
    assert readers(station.postgres) == 1000


def test_a_restore_of_a_named_dump_into_a_lost_database(station: Station) -> None:
    station.dump("manual", here_only=True)
    (manifest,) = dumps.manifests(station.directory)
    station.postgres.drop("hn_pal")
    station.restore(manifest.name)
    assert readers(station.postgres) == 1000


def test_a_dump_that_is_not_there_is_known_before_anything_is_done(station: Station) -> None:
    for wanted, said in (("", "there is no dump yet"), ("lost.dump", "there is no dump lost.dump")):
        with pytest.raises(BackupError, match=said):
            station.find(wanted)
    station.dump("manual", here_only=True)
    (manifest,) = dumps.manifests(station.directory)
    dump = station.directory / manifest.name
    assert station.find("") == station.find(manifest.name) == station.find(str(dump)) == dump


def test_the_dump_of_an_empty_database_is_never_the_one_to_restore(station: Station) -> None:
    station.dump("nightly", here_only=False)
    station.postgres.drop("hn_pal")
    station.postgres.run("CREATE DATABASE hn_pal", database="postgres")
    # As site.yml does before its migrations, on a host whose data was lost.
    station.dump("before-migration", here_only=True)
    station.restore("")
    assert readers(station.postgres) == 1000


def test_a_restore_that_fails_changes_nothing(station: Station) -> None:
    broken = station.directory / "broken.dump"
    broken.write_bytes(b"not a dump")
    with pytest.raises(BackupError, match="pg_restore"):
        station.restore("broken.dump")
    assert readers(station.postgres) == 1000
    assert not station.postgres.exists("hn_pal_incoming")


def test_an_older_schema_without_the_table_of_reports_is_no_failure(station: Station) -> None:
    station.postgres.run("DROP TABLE host_reports")
    station.dump("nightly", here_only=False)
    assert station.reports.read()["backup"]["bucket"] is True


def test_the_log_goes_to_the_bucket_from_where_the_last_archive_ended(station: Station) -> None:
    station.archive_logs()
    since = station.reports.read()["logs"]["at"]
    station.archive_logs()
    assert station.bucket is not None
    newest = max((station.bucket.parent / "logs").iterdir())
    assert since in gzip.decompress(newest.read_bytes()).decode()


def test_without_the_bucket_no_log_is_written_anywhere(station: Station) -> None:
    with pytest.raises(BackupError, match="not mounted"):
        away(station).archive_logs()
    assert station.bucket is not None
    assert not (station.bucket.parent / "logs").exists()


def test_a_log_that_cannot_be_read_leaves_no_archive(station: Station) -> None:
    with pytest.raises(BackupError, match="cannot be read"):
        replace(station, log_command=["false"]).archive_logs()
    assert station.bucket is not None
    assert list((station.bucket.parent / "logs").iterdir()) == []


def exported(station: Station, tmp_path: Path, **files: str) -> Station:
    """The same station, whose bot exported these files, and a link to what is not its own."""
    with tarfile.open(tmp_path / "exports.tar", "w") as archive:
        link = tarfile.TarInfo("exports/shadow")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)
        for name, content in files.items():
            entry = tarfile.TarInfo(f"exports/../{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content.encode()))
    return replace(station, export_command=["cat", str(tmp_path / "exports.tar")])


def test_what_the_bot_exported_goes_to_the_bucket_once(station: Station, tmp_path: Path) -> None:
    exporting = exported(station, tmp_path, index="today", feed="news")
    assert "2 exported files are new" in exporting.carry_exports()
    assert "0 exported files are new" in exporting.carry_exports()
    assert "1 exported" in exported(station, tmp_path, index="later", feed="news").carry_exports()
    assert station.bucket is not None
    carried = {
        path.name: path.read_text() for path in (station.bucket.parent / "exports").iterdir()
    }
    assert carried == {"index": "later", "feed": "news"}


def test_before_the_first_export_there_is_nothing_to_carry(station: Station) -> None:
    said = (
        'echo "Error: Could not find the file /app/data/exports in container hnpal-app" >&2; exit 1'
    )
    assert "0 exported" in replace(station, export_command=["sh", "-c", said]).carry_exports()
    gone = 'echo "Error: No such container: hnpal-app" >&2; exit 1'
    with pytest.raises(BackupError, match="No such container"):
        replace(station, export_command=["sh", "-c", gone]).carry_exports()
