"""The backups of one host: a local directory, a bucket, and the operations on both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import hnpal_files
from hnpal_backup import dumps, exports, logs
from hnpal_backup.bucket import Bucket
from hnpal_backup.dumps import Manifest
from hnpal_backup.failure import BackupError, warn
from hnpal_backup.postgres import Postgres
from hnpal_backup.reports import Reports
from hnpal_backup.retention import Retention, superfluous
from hnpal_backup.seal import Seal

SAFETY = "before-restore"
FOREIGN = (
    "does not bear this installation's seal: another key wrote it, or somebody else. "
    "If you know where it is from: restore.yml -e backup_trust=true (hnpal-backup restore --trust)"
)


@dataclass(frozen=True)
class Backups:
    postgres: Postgres
    directory: Path
    bucket: Bucket | None
    keep: Retention
    reports: Reports
    seal: Seal
    log_command: list[str]
    log_files: int
    export_command: list[str]

    def dump(self, reason: str, *, here_only: bool) -> str:
        """Dump the database; unless `here_only`, copy missing dumps to the bucket and delete old
        ones.
        """
        self.clean_up()
        self._seal_own()
        manifest = dumps.make(self.postgres, self.directory, reason, self.seal.put_on)
        said = f"{manifest.name}: {manifest.bytes} bytes, {sum(manifest.rows.values())} rows"
        if here_only:
            return said
        self._delete_superfluous(self.directory)
        if self.bucket is None:
            self.reports.add("backup", {"name": manifest.name, "bucket": False})
            return f"{said}; no bucket is configured, so it is on this host only"
        try:
            self._fill_bucket(self.bucket)
        except (BackupError, OSError) as error:
            self.reports.add("backup", {"name": manifest.name, "bucket": False})
            raise BackupError(f"{said}, but only on this host: {error}") from error
        self.reports.add("backup", {"name": manifest.name, "bucket": True})
        return f"{said}; copied to {self.bucket.directory} and verified"

    def drill(self) -> str:
        """Restore the newest dump to a temporary database and compare it with its manifest."""
        dump = self._newest()
        scratch = f"{self.postgres.database}_drill"
        try:
            manifest = self._restore_into(scratch, dump)
        finally:
            self.postgres.drop(scratch)
        if manifest is None:
            raise BackupError(f"{dump} has no manifest to compare with")
        self.reports.add("drill", {"name": dump.name, "revision": manifest.revision})
        rows = sum(manifest.rows.values())
        return f"{dump} restores: {rows} rows in {len(manifest.rows)} tables, as it was dumped"

    def restore(self, wanted: str, *, trusting: bool = False) -> str:
        """Put a dump in the database's place, after a dump of what is there now.

        With `trusting`, a dump without this host's seal is accepted too.
        """
        dump = self.find(wanted, trusting=trusting)
        said = f"restored {dump}"
        if self.postgres.exists(self.postgres.database):
            safety = dumps.make(self.postgres, self.directory, SAFETY, self.seal.put_on)
            said += f"; what was there before is {safety.name}"
        incoming = f"{self.postgres.database}_incoming"
        try:
            self._restore_into(incoming, dump)
            self.postgres.replace(self.postgres.database, by=incoming)
        finally:
            self.postgres.drop(incoming)
        self.reports.publish()
        return said

    def find(self, wanted: str, *, trusting: bool = False) -> Path:
        """The dump of that name or path; the newest one to restore if `wanted` is empty.

        Raises:
            BackupError: when there is none, its manifest is damaged, or it was written elsewhere.
        """
        dump = self._named(wanted) if wanted else self._newest(trusting=trusting)
        manifest = self._manifest(dump)
        if not trusting and not self._is_own(dump, manifest):
            raise BackupError(f"{dump} {FOREIGN}")
        return dump

    def _is_own(self, dump: Path, manifest: Manifest | None) -> bool:
        """Whether this installation wrote the dump.

        In its own directory, where only root writes, those of earlier releases have no seal yet.
        """
        if manifest is not None and manifest.seal:
            return self.seal.is_on(manifest)
        return dump.parent == self.directory

    def _seal_own(self) -> None:
        for manifest in dumps.manifests(self.directory):
            if not manifest.seal:
                dumps.write_manifest(self.seal.put_on(manifest), self.directory)

    def archive_logs(self) -> str:
        """Copy the app's log since the last time to the bucket."""
        bucket = self.bucket
        if bucket is None:
            return "no bucket is configured, so the app's log stays with Docker"
        bucket.require()
        last = self.reports.read().get("logs")
        since = datetime.fromisoformat(last["at"]) if last else None
        packed = logs.pack(self.log_command, since, self.directory)
        try:
            target = bucket.directory.parent / "logs"
            bucket.ask(lambda: logs.store(packed, target, keep=self.log_files))
        finally:
            packed.unlink()
        self.reports.add("logs", {"name": packed.name})
        return f"the app's log is in {packed.name}"

    def copy_exports(self) -> str:
        """Copy the bot's exports to the bucket."""
        bucket = self.bucket
        if bucket is None:
            return "no bucket is configured, so the exports stay on this host"
        bucket.require()
        directory = bucket.directory.parent / "exports"
        copied = bucket.transfer(lambda: exports.copy(self.export_command, directory))
        return f"{copied} exported files are new in {directory}"

    def listing(self) -> str:
        lines = [
            f"{one.name}  {one.bytes:>12} bytes  schema {one.revision or '-'}  in {directory}"
            for directory, manifests in self._all_manifests()
            for one in manifests
        ]
        return "\n".join(lines) or "There are no dumps yet."

    def clean_up(self) -> list[str]:
        """Remove what a killed command has left; returns descriptions of what was done."""
        done = []
        for draft in sorted(self.directory.glob(f"*{hnpal_files.DRAFT_SUFFIX}")):
            draft.unlink()
            done.append(f"removed {draft}, which was cut short")
        for suffix in ("drill", "incoming", "outgoing"):
            left = f"{self.postgres.database}_{suffix}"
            if self.postgres.exists(left):
                self.postgres.drop(left)
                done.append(f"removed the database {left}, which was left over")
        return done

    def _all_manifests(self) -> list[tuple[Path, list[Manifest]]]:
        """All dumps, by directory; a bucket that does not respond is skipped."""
        found = [(self.directory, dumps.manifests(self.directory))]
        if (bucket := self.reachable_bucket) is not None:
            try:
                found.append((bucket.directory, bucket.manifests()))
            except (BackupError, OSError) as error:
                warn(f"{error}; its dumps are skipped")
        return found

    @property
    def reachable_bucket(self) -> Bucket | None:
        return self.bucket if self.bucket is not None and self.bucket.is_mounted else None

    def _newest(self, *, trusting: bool = False) -> Path:
        """The newest dump that was made to be kept, not to undo a restore.

        A dump of a database without a schema is skipped: it was made during the recovery from a
        loss. Of two copies, the local one is returned.
        """
        found: list[tuple[str, Path]] = []
        foreign: list[tuple[str, Path]] = []
        for directory, manifests in self._all_manifests():
            for manifest in manifests:
                if manifest.reason == SAFETY or not manifest.revision:
                    continue
                own = trusting or self._is_own(directory / manifest.name, manifest)
                (found if own else foreign).append((manifest.at, directory / manifest.name))
        if foreign:
            warn(f"{max(foreign)[1]} and {len(foreign) - 1} more: each {FOREIGN}; left out")
        if not found and not foreign:
            raise BackupError("there is no dump yet; make one with: hnpal-backup dump")
        if not found:
            raise BackupError(f"there is no dump of this installation; {max(foreign)[1]} {FOREIGN}")
        return max(found, key=lambda one: one[0])[1]

    def _named(self, wanted: str) -> Path:
        bucket = self.reachable_bucket
        for candidate in (Path(wanted), self.directory / wanted):
            if not self._is_in_bucket(candidate) and candidate.is_file():
                return candidate
        name = Path(wanted).name
        is_there = bucket is not None and wanted in {name, str(bucket.directory / name)}
        if bucket is not None and is_there and bucket.holds(name):
            return bucket.directory / name
        raise BackupError(f"there is no dump {wanted}; see: hnpal-backup list")

    def _is_in_bucket(self, path: Path) -> bool:
        return self.bucket is not None and path.parent == self.bucket.directory

    def _manifest(self, dump: Path) -> Manifest | None:
        if self.bucket is not None and self._is_in_bucket(dump):
            return self.bucket.manifest(dump.name)
        return dumps.read_manifest(dump)

    @contextmanager
    def _copy_here(self, dump: Path) -> Iterator[Path]:
        """The dump itself, or a temporary local copy, because a bucket may hang."""
        if self.bucket is None or not self._is_in_bucket(dump):
            yield dump
            return
        copied = hnpal_files.draft_of(self.directory / dump.name)
        try:
            self.bucket.fetch(dump.name, copied)
            yield copied
        finally:
            copied.unlink(missing_ok=True)

    def _restore_into(self, database: str, dump: Path) -> Manifest | None:
        """Restore, and fail unless the contents match the manifest, if there is one."""
        manifest = self._manifest(dump)
        with self._copy_here(dump) as file:
            if manifest is not None:
                dumps.check(file, manifest)
            self.postgres.restore(file, database)
        if manifest is not None:
            restored = self.postgres.contents_of_restored(database)
            if (restored.revision, restored.rows) != (manifest.revision, manifest.rows):
                raise BackupError(f"{dump.name} restores to other contents than were dumped")
        return manifest

    def _delete_superfluous(self, directory: Path) -> None:
        for manifest in superfluous(dumps.manifests(directory), self.keep):
            dumps.remove(manifest, directory)

    def _fill_bucket(self, bucket: Bucket) -> None:
        """Copy every dump that the bucket lacks, including those made while it was unavailable."""
        bucket.require()
        bucket.ask(lambda: bucket.directory.mkdir(parents=True, exist_ok=True))
        there = {one.name for one in bucket.manifests() if self.seal.is_on(one)}
        for manifest in dumps.manifests(self.directory):
            if manifest.name not in there:
                bucket.store(manifest, self.directory)
        bucket.ask(lambda: self._delete_superfluous(bucket.directory))
