"""Repairs the backups: manifests, reports, and damaged copies in the bucket."""

from __future__ import annotations

from pathlib import Path

from hnpal_backup import dumps
from hnpal_backup.backups import Backups
from hnpal_backup.bucket import Bucket
from hnpal_backup.dumps import Manifest
from hnpal_backup.failure import BackupError, warn


def repair(backups: Backups) -> list[str]:
    """Restore the manifest of every dump, or set the dump aside; returns what was done."""
    done = backups.clean_up()
    without = [dump for dump in backups.directory.glob("*.dump") if not _has_manifest(dump)]
    done += [_repair_manifest(backups, dump) for dump in sorted(without)]
    if backups.reports.is_damaged():
        backups.reports.repair()
        done.append(f"wrote {backups.reports.path} anew from the bot's table")
    if (bucket := backups.reachable_bucket) is not None:
        done += _repair_bucket(backups, bucket)
    return done


def _repair_manifest(backups: Backups, dump: Path) -> str:
    path = dumps.manifest_path(dump)
    if (manifest := _copy_of_manifest(backups, dump)) is not None:
        dumps.write_manifest(manifest, backups.directory)
        return f"wrote {path} anew from the bucket's"
    scratch = f"{backups.postgres.database}_drill"
    try:
        backups.postgres.restore(dump, scratch)
        contents = backups.postgres.contents_of_restored(scratch)
        manifest = dumps.describe(dump, dump.name, contents)
        dumps.write_manifest(backups.seal.put_on(manifest), backups.directory)
    except BackupError as error:
        aside = dump.with_name(f"{dump.name}.damaged")
        dump.rename(aside)
        path.unlink(missing_ok=True)
        return f"set {aside} aside, which does not restore: {error}"
    finally:
        backups.postgres.drop(scratch)
    return f"wrote {path} anew, by restoring the dump beside the database"


def _copy_of_manifest(backups: Backups, dump: Path) -> Manifest | None:
    """The bucket's manifest of a dump, if it is the same dump."""
    bucket = backups.reachable_bucket
    if bucket is None:
        return None
    try:
        manifest = bucket.manifest(dump.name)
        if manifest is None or not backups.seal.is_on(manifest):
            return None
        dumps.check(dump, manifest)
    except (BackupError, OSError):
        return None
    return manifest


def _repair_bucket(backups: Backups, bucket: Bucket) -> list[str]:
    """Copy dumps with damaged manifests to the bucket again; others can only be reported."""
    without = bucket.ask(
        lambda: [one.name for one in bucket.directory.glob("*.dump") if not _has_manifest(one)]
    )
    here = {one.name: one for one in dumps.manifests(backups.directory)}
    done = []
    for name in sorted(without):
        if name in here:
            bucket.store(here[name], backups.directory)
            done.append(f"copied {name} to the bucket again, whose manifest was damaged there")
        else:
            warn(f"{bucket.directory / name} has no manifest and is only there: it may be half")
    return done


def _has_manifest(dump: Path) -> bool:
    """Whether a dump has a valid manifest beside it."""
    try:
        return dumps.read_manifest(dump) is not None
    except (BackupError, OSError):
        return False
