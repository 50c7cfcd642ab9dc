"""What went well last, and when: in a file for the operator, in the database for the bot."""

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
        at = datetime.now(timezone.utc).isoformat(timespec="seconds")
        reports = self.read() | {kind: {"at": at, **detail}}
        draft = self.path.with_suffix(".partial")
        draft.write_text(json.dumps(reports, indent=1) + "\n")
        draft.rename(self.path)
        self.publish()

    def read(self) -> dict[str, dict[str, Any]]:
        try:
            return dict(json.loads(self.path.read_text()))
        except FileNotFoundError:
            return {}

    def publish(self) -> None:
        """Tell the database; a schema from before that table is no reason to fail."""
        for kind, report in self.read().items():
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
