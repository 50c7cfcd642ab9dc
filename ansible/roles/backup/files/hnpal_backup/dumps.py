"""Dumps as files: made, checked, found, copied, thinned out.

A dump counts once its manifest lies beside it, and the manifest is written last: what was cut
short is never mistaken for a backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import Postgres

TIME_FORMAT = "%Y%m%dT%H%M%SZ"
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """What a dump must turn out to be: its bytes, and what is in it."""

    name: str
    at: str
    reason: str
    bytes: int
    sha256: str
    revision: str
    rows: dict[str, int]

    @property
    def time(self) -> datetime:
        return datetime.strptime(self.at, TIME_FORMAT).replace(tzinfo=timezone.utc)


def make(postgres: Postgres, directory: Path, reason: str) -> Manifest:
    """Dump the database into the directory; nothing is left behind if that fails."""
    at = datetime.now(timezone.utc).strftime(TIME_FORMAT)
    dump = directory / f"{postgres.database}-{at}-{reason}.dump"
    draft = dump.with_suffix(".partial")
    try:
        with postgres.snapshot() as (snapshot, contents), draft.open("wb") as file:
            postgres.dump(snapshot, into=file)
            file.flush()
            os.fsync(file.fileno())
        postgres.list_dump(draft)
        manifest = Manifest(
            name=dump.name,
            at=at,
            reason=reason,
            bytes=draft.stat().st_size,
            sha256=sha256(draft),
            revision=contents.revision,
            rows=contents.rows,
        )
        draft.rename(dump)
        write_manifest(manifest, directory)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def write_manifest(manifest: Manifest, directory: Path) -> None:
    path = manifest_path(directory / manifest.name)
    draft = path.with_suffix(".partial")
    draft.write_text(json.dumps(asdict(manifest), indent=1) + "\n")
    draft.rename(path)


def manifest_path(dump: Path) -> Path:
    return dump.with_suffix(".json")


def read_manifest(dump: Path) -> Manifest | None:
    """The manifest beside a dump, if there is one."""
    try:
        return Manifest(**json.loads(manifest_path(dump).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise BackupError(f"{manifest_path(dump)} is damaged: {error}") from error


def manifests(directory: Path) -> list[Manifest]:
    """Every complete dump of the directory, newest first."""
    found = [read_manifest(dump) for dump in directory.glob("*.dump")]
    return sorted((one for one in found if one), key=lambda one: one.at, reverse=True)


def check(dump: Path, manifest: Manifest) -> None:
    """Fail unless the file has the bytes that the manifest promises."""
    if dump.stat().st_size != manifest.bytes or sha256(dump) != manifest.sha256:
        raise BackupError(f"{dump} is damaged: its checksum is not the one in its manifest")


def copy(manifest: Manifest, source: Path, target: Path) -> None:
    """Copy a dump to another directory and read it back from there."""
    copied = target / manifest.name
    with (source / manifest.name).open("rb") as reading, copied.open("wb") as writing:
        shutil.copyfileobj(reading, writing, BLOCK_BYTES)
        writing.flush()
        os.fsync(writing.fileno())
    check(copied, manifest)
    write_manifest(manifest, target)


def remove(manifest: Manifest, directory: Path) -> None:
    dump = directory / manifest.name
    # The manifest first: what is half removed is no longer a backup.
    manifest_path(dump).unlink(missing_ok=True)
    dump.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
