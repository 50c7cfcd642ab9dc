"""What went well last and what has failed since: a file for the operator, a table for the bot."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import Postgres


@dataclass(frozen=True)
class Reports:
    path: Path
    postgres: Postgres

    def add(self, kind: str, detail: dict[str, Any]) -> None:
        """Note that this kind of work succeeded now."""
        reports = self._with(kind, detail)
        self._write(reports)
        self._publish(reports)

    def add_failure(self, kind: str, error: str) -> None:
        """Note that it failed now; the last success stays, and a full disk stops nobody telling."""
        reports = self._with(f"{kind}_failure", {"error": error})
        try:
            self._write(reports)
        except OSError as failure:
            print(f"The failure is not in {self.path}: {failure}")
        self._publish(reports)

    def _with(self, kind: str, detail: dict[str, Any]) -> dict[str, dict[str, Any]]:
        at = datetime.now(timezone.utc).isoformat(timespec="microseconds")
        return self.read() | {kind: {"at": at, **detail}}

    def _write(self, reports: dict[str, dict[str, Any]]) -> None:
        draft = self.path.with_suffix(".partial")
        draft.write_text(json.dumps(reports, indent=1) + "\n")
        draft.rename(self.path)

    def read(self) -> dict[str, dict[str, Any]]:
        try:
            return dict(json.loads(self.path.read_text()))
        except FileNotFoundError:
            return {}

    def publish(self) -> None:
        """Tell the database once more, after it was put in place anew."""
        self._publish(self.read())

    def _publish(self, reports: dict[str, dict[str, Any]]) -> None:
        # A schema from before that table is no reason to fail, nor is a database that is away.
        for kind, report in reports.items():
            detail = json.dumps({name: value for name, value in report.items() if name != "at"})
            try:
                self.postgres.run(
                    "INSERT INTO host_reports (kind, at, detail) "
                    f"VALUES ('{kind}', '{report['at']}', {quoted(detail)}) "
                    "ON CONFLICT (kind) DO UPDATE SET at = excluded.at, detail = excluded.detail"
                )
            except BackupError as error:
                print(f"The bot does not know of this {kind}: {error}")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
