"""Dump files: creating, verifying, finding, copying and deleting them.

A dump is valid only with a manifest beside it. The manifest is written last, so an interrupted dump
is never mistaken for a backup.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import hnpal_files
from hnpal_backup.failure import BackupError, warn
from hnpal_backup.postgres import Contents, Postgres

TIME_FORMAT = "%Y%m%dT%H%M%SZ"
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Manifest:
    """The expected checksum and contents of a dump."""

    name: str
    at: str
    reason: str
    bytes: int
    sha256: str
    revision: str
    rows: dict[str, int]
    seal: str = ""
    """See `hnpal_backup.seal`; empty in one that an earlier release wrote."""

    @property
    def time(self) -> datetime:
        return datetime.strptime(self.at, TIME_FORMAT).replace(tzinfo=timezone.utc)


def make(
    postgres: Postgres, directory: Path, reason: str, sealed: Callable[[Manifest], Manifest]
) -> Manifest:
    """Dump the database into the directory; nothing is left behind if that fails."""
    at = datetime.now(timezone.utc).strftime(TIME_FORMAT)
    dump = directory / f"{postgres.database}-{at}-{reason}.dump"
    draft = hnpal_files.draft_of(dump)
    try:
        with postgres.snapshot() as (snapshot, contents), draft.open("wb") as file:
            postgres.dump(snapshot, into=file)
            file.flush()
            os.fsync(file.fileno())
        postgres.list_dump(draft)
        manifest = sealed(describe(draft, dump.name, contents))
        hnpal_files.move(draft, dump)
        write_manifest(manifest, directory)
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def describe(dump: Path, name: str, contents: Contents) -> Manifest:
    """The manifest of a dump file with that name.

    Raises:
        BackupError: the name contains no time.
    """
    _, _, rest = name.removesuffix(".dump").partition("-")
    at, _, reason = rest.partition("-")
    size = dump.stat().st_size
    manifest = Manifest(name, at, reason, size, sha256(dump), contents.revision, contents.rows)
    try:
        _ = manifest.time
    except ValueError as error:
        raise BackupError(f"{name} does not contain the time of the dump") from error
    return manifest


def write_manifest(manifest: Manifest, directory: Path) -> None:
    path = manifest_path(directory / manifest.name)
    hnpal_files.write(path, json.dumps(asdict(manifest), indent=1) + "\n")


def manifest_path(dump: Path) -> Path:
    return dump.with_suffix(".json")


def read_manifest(dump: Path) -> Manifest | None:
    """The manifest beside a dump, or None.

    Raises:
        BackupError: it is damaged; the message names the file.
    """
    path = manifest_path(dump)
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BackupError(f"{path} is damaged: it is not text") from error
    try:
        return _manifest(json.loads(content), dump.name)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        said = "it is empty" if not content.strip("\0 \n") else str(error)
        raise BackupError(f"{path} is damaged: {said}; run: hnpal-backup repair") from error


def _manifest(content: dict[str, Any], name: str) -> Manifest:
    manifest = Manifest(
        name=str(content["name"]),
        at=str(content["at"]),
        reason=str(content["reason"]),
        bytes=int(content["bytes"]),
        sha256=str(content["sha256"]),
        revision=str(content["revision"]),
        rows={str(table): int(count) for table, count in content["rows"].items()},
        seal=str(content.get("seal", "")),
    )
    if manifest.name != name:
        raise ValueError(f"it belongs to {manifest.name}")
    _ = manifest.time
    return manifest


def manifests(directory: Path) -> list[Manifest]:
    """All complete dumps of the directory, newest first; a damaged one is reported and skipped."""
    found = filter(None, map(_readable_manifest, directory.glob("*.dump")))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _readable_manifest(dump: Path) -> Manifest | None:
    try:
        return read_manifest(dump)
    except (BackupError, OSError) as error:
        warn(f"{error}; it is skipped")
        return None


def check(dump: Path, manifest: Manifest) -> None:
    """Fail unless the file matches the checksum in the manifest."""
    if dump.stat().st_size != manifest.bytes or sha256(dump) != manifest.sha256:
        raise BackupError(f"{dump} is damaged: its checksum differs from its manifest's")


def copy(manifest: Manifest, source: Path, target: Path) -> None:
    """Copy a dump to another directory, verify the copy, and write its manifest."""
    copied = target / manifest.name
    with (source / manifest.name).open("rb") as reading, copied.open("wb") as writing:
        shutil.copyfileobj(reading, writing, BLOCK_BYTES)
        writing.flush()
        os.fsync(writing.fileno())
    check(copied, manifest)
    write_manifest(manifest, target)


def remove(manifest: Manifest, directory: Path) -> None:
    dump = directory / manifest.name
    # The manifest first: an incompletely removed dump must not count as a backup.
    manifest_path(dump).unlink(missing_ok=True)
    dump.unlink(missing_ok=True)


def sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
