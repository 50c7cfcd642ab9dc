"""The last success and a later failure of each job: in a file for the operator, a table for the
bot.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import hnpal_files
from hnpal_backup.failure import BackupError, warn
from hnpal_backup.postgres import Postgres

Report = dict[str, Any]
FROM_THE_DATABASE = """
    SELECT json_object_agg(kind, detail || jsonb_build_object(
        'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00')))
    FROM host_reports
"""


@dataclass(frozen=True)
class Reports:
    path: Path
    postgres: Postgres

    def add(self, kind: str, detail: Report) -> None:
        """Record a success of this kind of job."""
        reports = self._with(kind, detail)
        self._write(reports)
        self._publish(reports)

    def add_failure(self, kind: str, error: str) -> None:
        """Record a failure; the last success is kept, and a full disk does not prevent the
        report.
        """
        reports = self._with(f"{kind}_failure", {"error": error})
        try:
            self._write(reports)
        except OSError as failure:
            warn(f"the failure could not be written to {self.path}: {failure}")
        self._publish(reports)

    def _with(self, kind: str, detail: Report) -> dict[str, Report]:
        at = datetime.now(timezone.utc).isoformat(timespec="microseconds")
        return self.read() | {kind: {"at": at, **detail}}

    def _write(self, reports: dict[str, Report]) -> None:
        hnpal_files.write(self.path, json.dumps(reports, indent=1) + "\n")

    def read(self) -> dict[str, Report]:
        """All valid reports; damaged ones are reported and skipped."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return {}
        except (ValueError, OSError) as error:
            warn(f"{self.path} cannot be read, its reports are discarded: {error}")
            return {}
        if not isinstance(content, dict):
            warn(f"{self.path} contains no reports and is discarded")
            return {}
        reports = {kind: report for kind, report in content.items() if is_report(report)}
        if damaged := content.keys() - reports.keys():
            warn(f"{self.path}: damaged reports are skipped: {', '.join(sorted(damaged))}")
        return reports

    def is_damaged(self) -> bool:
        """Whether the file exists and is not completely valid."""
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return False
        except (ValueError, OSError):
            return True
        return not isinstance(content, dict) or not all(map(is_report, content.values()))

    def repair(self) -> None:
        """Write the file again from the bot's table, updated by its own valid reports."""
        rows = self.postgres.run(FROM_THE_DATABASE)
        known = json.loads(rows[0]) if rows and rows[0] else {}
        self._write(known | self.read())

    def publish(self) -> None:
        """Write the reports to the database again, after it was replaced."""
        self._publish(self.read())

    def _publish(self, reports: dict[str, Report]) -> None:
        # An old schema without that table, or an unavailable database, is not a failure.
        for kind, report in reports.items():
            detail = json.dumps({name: value for name, value in report.items() if name != "at"})
            try:
                self.postgres.run(
                    "INSERT INTO host_reports (kind, at, detail) "
                    f"VALUES ({quoted(kind)}, {quoted(report['at'])}, {quoted(detail)}) "
                    "ON CONFLICT (kind) DO UPDATE SET at = excluded.at, detail = excluded.detail"
                )
            except BackupError as error:
                warn(f"the bot's database could not record this {kind}: {error}")


def is_report(report: object) -> bool:
    if not isinstance(report, dict):
        return False
    try:
        at = datetime.fromisoformat(report["at"])
    except (KeyError, TypeError, ValueError):
        return False
    return at.tzinfo is not None


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
