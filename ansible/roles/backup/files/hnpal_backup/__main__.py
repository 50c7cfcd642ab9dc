"""hnpal-backup: dump the database, prove that a dump restores, or put one in place."""

from __future__ import annotations

import argparse
import fcntl
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hnpal_backup.failure import BackupError
from hnpal_backup.postgres import Postgres
from hnpal_backup.reports import Reports
from hnpal_backup.retention import NIGHTLY, Retention
from hnpal_backup.station import Station

CONFIGURATION = Path("/etc/hnpal/backup.json")
# What the bot hears of when it fails, and how that is called in the reports.
REPORTED = {"dump": "backup", "drill": "drill"}


def station(configuration: Path) -> Station:
    settings = json.loads(configuration.read_text())
    postgres = Postgres(**settings["postgres"])
    directory = Path(settings["directory"])
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Station(
        postgres=postgres,
        directory=directory,
        bucket=Path(settings["bucket"]) if settings["bucket"] else None,
        bucket_type=settings["bucket_type"],
        keep=Retention(**settings["keep"]),
        reports=Reports(directory / "reports.json", postgres),
        log_command=settings["log_command"],
        log_files=settings["keep_log_files"],
        export_command=settings["export_command"],
    )


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Wait until no other dump, drill or restore is at work."""
    with (directory / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    parser = argparse.ArgumentParser(prog="hnpal-backup", description=__doc__)
    parser.add_argument("--configuration", type=Path, default=CONFIGURATION)
    commands = parser.add_subparsers(dest="command", required=True)

    dump = commands.add_parser("dump", help="dump, check, copy to the bucket, thin out")
    dump.add_argument(
        "--reason", default="manual", help=f"part of the name; {NIGHTLY} for the timer"
    )
    dump.add_argument("--here-only", action="store_true", help="leave the copy to the next dump")
    commands.add_parser("drill", help="restore the newest dump beside the database and compare")
    restore = commands.add_parser("restore", help="put a dump in the database's place")
    restore.add_argument("dump", nargs="?", default="", help="name or path; the newest if left out")
    find = commands.add_parser("find", help="say which dump a restore would take")
    find.add_argument("dump", nargs="?", default="", help="name or path; the newest if left out")
    commands.add_parser("list", help="list the dumps")
    commands.add_parser("logs", help="carry the app's log to the bucket")
    commands.add_parser("exports", help="carry what the bot exported to the bucket")

    arguments = parser.parse_args()
    here = station(arguments.configuration)
    try:
        with alone(here.directory):
            if arguments.command == "dump":
                said = here.dump(arguments.reason, here_only=arguments.here_only)
            elif arguments.command == "drill":
                said = here.drill()
            elif arguments.command == "restore":
                said = here.restore(arguments.dump)
            elif arguments.command == "find":
                said = str(here.find(arguments.dump))
            elif arguments.command == "logs":
                said = here.archive_logs()
            elif arguments.command == "exports":
                said = here.carry_exports()
            else:
                said = here.listing()
    except (BackupError, OSError) as error:
        print(f"hnpal-backup {arguments.command} failed: {error}", file=sys.stderr)
        if kind := REPORTED.get(arguments.command):
            here.reports.add_failure(kind, str(error))
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
