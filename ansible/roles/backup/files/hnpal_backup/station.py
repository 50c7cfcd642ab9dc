"""One host's backups: a directory, a bucket beside it, and what is done with both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from hnpal_backup import dumps, exports, logs
from hnpal_backup.dumps import Manifest
from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import Postgres
from hnpal_backup.reports import Reports
from hnpal_backup.retention import Retention, superfluous

SAFETY = "before-restore"


@dataclass(frozen=True)
class Station:
    """`bucket` counts as present while its file system is of the type `bucket_type`."""

    postgres: Postgres
    directory: Path
    bucket: Path | None
    bucket_type: str
    keep: Retention
    reports: Reports
    log_command: list[str]
    log_files: int
    export_command: list[str]

    def dump(self, reason: str, *, here_only: bool) -> str:
        """Dump the database; unless told otherwise, copy what the bucket lacks and thin out."""
        manifest = dumps.make(self.postgres, self.directory, reason)
        said = f"{manifest.name}: {manifest.bytes} bytes, {sum(manifest.rows.values())} rows"
        if here_only:
            return said
        self._thin_out(self.directory)
        if self.bucket is None:
            self.reports.add("backup", {"name": manifest.name, "bucket": False})
            return f"{said}; no bucket is configured, so it lies on this host only"
        try:
            self._fill_bucket(self.bucket)
        except (BackupError, OSError) as error:
            self.reports.add("backup", {"name": manifest.name, "bucket": False})
            raise BackupError(f"{said}, but only on this host: {error}") from error
        self.reports.add("backup", {"name": manifest.name, "bucket": True})
        return f"{said}; copied to {self.bucket} and read back"

    def drill(self) -> str:
        """Restore the newest dump beside the database and compare it with its manifest."""
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

    def restore(self, wanted: str) -> str:
        """Put a dump in the database's place, after a dump of what is there now."""
        dump = self.find(wanted)
        said = f"restored {dump}"
        if self.postgres.exists(self.postgres.database):
            safety = dumps.make(self.postgres, self.directory, SAFETY)
            said += f"; what was there before is {safety.name}"
        incoming = f"{self.postgres.database}_incoming"
        try:
            self._restore_into(incoming, dump)
            self.postgres.replace(self.postgres.database, by=incoming)
        finally:
            self.postgres.drop(incoming)
        self.reports.publish()
        return said

    def find(self, wanted: str) -> Path:
        """The dump of that name or path; the newest one to restore if `wanted` is empty.

        Raises:
            BackupError: when there is none.
        """
        return self._named(wanted) if wanted else self._newest()

    def archive_logs(self) -> str:
        """Carry the app's log since the last time to the bucket."""
        if self.bucket is None:
            return "no bucket is configured, so the app's log stays with Docker"
        self._require(self.bucket)
        last = self.reports.read().get("logs")
        since = datetime.fromisoformat(last["at"]) if last else None
        name = logs.archive(
            self.log_command, since, self.bucket.parent / "logs", keep=self.log_files
        )
        self.reports.add("logs", {"name": name})
        return f"the app's log is in {name}"

    def carry_exports(self) -> str:
        """Carry what the bot exported to the bucket."""
        if self.bucket is None:
            return "no bucket is configured, so the exports stay on this host"
        self._require(self.bucket)
        directory = self.bucket.parent / "exports"
        carried = exports.carry(self.export_command, directory)
        return f"{carried} exported files are new in {directory}"

    def listing(self) -> str:
        lines = [
            f"{one.name}  {one.bytes:>12} bytes  schema {one.revision or '-'}  in {directory}"
            for directory in self._directories()
            for one in dumps.manifests(directory)
        ]
        return "\n".join(lines) or "There are no dumps yet."

    def _directories(self) -> list[Path]:
        """Where dumps lie: the bucket first, since it outlives the host."""
        if self.bucket is not None and file_system_type(self.bucket) == self.bucket_type:
            return [self.bucket, self.directory]
        return [self.directory]

    def _newest(self) -> Path:
        """The newest dump that was made to be kept, not to undo a restore.

        One of a database without a schema is not meant: it was made on the way back from a loss.
        """
        found = [
            (manifest.at, directory / manifest.name)
            for directory in self._directories()
            for manifest in dumps.manifests(directory)
            if manifest.reason != SAFETY and manifest.revision
        ]
        if not found:
            raise BackupError("there is no dump yet; make one with: hnpal-backup dump")
        return max(found, key=lambda one: one[0])[1]

    def _named(self, wanted: str) -> Path:
        for candidate in (Path(wanted), *(directory / wanted for directory in self._directories())):
            if candidate.is_file():
                return candidate
        raise BackupError(f"there is no dump {wanted}; see: hnpal-backup list")

    def _restore_into(self, database: str, dump: Path) -> Manifest | None:
        """Restore, and fail unless the outcome is what the manifest promises, if there is one."""
        manifest = dumps.read_manifest(dump)
        if manifest is not None:
            dumps.check(dump, manifest)
        self.postgres.restore(dump, database)
        if manifest is not None:
            restored = self.postgres.contents(database)
            if (restored.revision, restored.rows) != (manifest.revision, manifest.rows):
                raise BackupError(f"{dump.name} restores to other contents than were dumped")
        return manifest

    def _thin_out(self, directory: Path) -> None:
        for manifest in superfluous(dumps.manifests(directory), self.keep):
            dumps.remove(manifest, directory)

    def _fill_bucket(self, bucket: Path) -> None:
        """Copy every dump that the bucket lacks: also those of the days it was away."""
        self._require(bucket)
        bucket.mkdir(parents=True, exist_ok=True)
        there = {one.name for one in dumps.manifests(bucket)}
        for manifest in dumps.manifests(self.directory):
            if manifest.name not in there:
                dumps.copy(manifest, self.directory, bucket)
        self._thin_out(bucket)

    def _require(self, bucket: Path) -> None:
        if file_system_type(bucket) != self.bucket_type:
            raise BackupError(f"the bucket is not mounted at {bucket}")


def file_system_type(path: Path) -> str:
    """The type of the file system that a path lies in, be it there yet or not."""
    mounts = [line.split()[1:3] for line in Path("/proc/mounts").read_text().splitlines()]
    above = [Path(point) for point, _ in mounts if path.is_relative_to(point)]
    seen = max(above, key=lambda point: len(point.parts))
    # Of several mounts on one place, the last is the one that is seen.
    return [kind for point, kind in mounts if Path(point) == seen][-1]
