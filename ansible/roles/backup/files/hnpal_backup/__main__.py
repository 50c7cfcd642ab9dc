"""hnpal-backup: dumps the database, verifies that a dump restores, and restores dumps."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from hnpal_backup.backups import Backups
from hnpal_backup.bucket import Bucket
from hnpal_backup.failure import BackupError
from hnpal_backup.limits import exclusively, time_limit
from hnpal_backup.postgres import Postgres
from hnpal_backup.repair import repair
from hnpal_backup.reports import Reports
from hnpal_backup.retention import NIGHTLY, Retention
from hnpal_backup.seal import read_seal

CONFIGURATION = Path("/etc/hnpal/backup.json")
# The commands whose failures are reported to the bot, with their names in the reports.
REPORTED = {"dump": "backup", "drill": "drill"}
# How long to wait for another command, and how long the work itself may take, in seconds. An update
# waits for the log, but can do without it.
MAX_WAIT = {"logs": 20, "find": 120, "list": 120}
MAX_SECONDS = {"logs": 120, "find": 300, "list": 300}
MAX_WAIT_OTHERWISE = 900
MAX_SECONDS_OTHERWISE = 4 * 3600


def read_configuration(configuration: Path) -> Backups:
    """The backups that a configuration file describes.

    Raises:
        BackupError: the file cannot be read; the message names it.
    """
    try:
        settings = json.loads(configuration.read_text(encoding="utf-8"))
        postgres = Postgres(**settings["postgres"])
        directory = Path(settings["directory"])
        bucket = settings["bucket"]
        backups = Backups(
            postgres=postgres,
            directory=directory,
            bucket=Bucket(Path(bucket), settings["bucket_type"]) if bucket else None,
            keep=Retention(**settings["keep"]),
            reports=Reports(directory / "reports.json", postgres),
            seal=read_seal(Path(settings["key_file"])),
            log_command=settings["log_command"],
            log_files=settings["keep_log_files"],
            export_command=settings["export_command"],
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupError(
            f"{configuration} cannot be read ({error}); site.yml --tags backup writes it again"
        ) from error
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return backups


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hnpal-backup", description=__doc__)
    parser.add_argument("--configuration", type=Path, default=CONFIGURATION)
    commands = parser.add_subparsers(dest="command", required=True)

    dump = commands.add_parser("dump", help="dump, check, copy to the bucket, delete old ones")
    dump.add_argument(
        "--reason", default="manual", help=f"part of the name; {NIGHTLY} for the timer"
    )
    dump.add_argument("--here-only", action="store_true", help="do not copy it to the bucket")
    commands.add_parser("drill", help="restore the newest dump beside the database and compare")
    restore = commands.add_parser("restore", help="put a dump in the database's place")
    restore.add_argument("dump", nargs="?", default="", help="name or path; the newest if left out")
    find = commands.add_parser("find", help="say which dump a restore would take")
    find.add_argument("dump", nargs="?", default="", help="name or path; the newest if left out")
    for command in (restore, find):
        command.add_argument(
            "--trust", action="store_true", help="take one without this installation's seal"
        )
    commands.add_parser("list", help="list the dumps")
    commands.add_parser("logs", help="copy the app's log to the bucket")
    commands.add_parser("exports", help="copy the bot's exports to the bucket")
    commands.add_parser("repair", help="repair manifests and reports, and print what was done")
    return parser.parse_args()


def carry_out(backups: Backups, arguments: argparse.Namespace) -> str:
    """Carry out the command; returns the text to print."""
    if arguments.command == "dump":
        return backups.dump(arguments.reason, here_only=arguments.here_only)
    if arguments.command == "drill":
        return backups.drill()
    if arguments.command == "restore":
        return backups.restore(arguments.dump, trusting=arguments.trust)
    if arguments.command == "find":
        return str(backups.find(arguments.dump, trusting=arguments.trust))
    if arguments.command == "logs":
        return backups.archive_logs()
    if arguments.command == "exports":
        return backups.copy_exports()
    if arguments.command == "repair":
        return "\n".join(repair(backups))
    return backups.listing()


def main() -> int:
    arguments = parse()
    command = arguments.command
    backups = None
    try:
        backups = read_configuration(arguments.configuration)
        wait = MAX_WAIT.get(command, MAX_WAIT_OTHERWISE)
        limit = MAX_SECONDS.get(command, MAX_SECONDS_OTHERWISE)
        with exclusively(backups.directory, command, wait), time_limit(limit):
            said = carry_out(backups, arguments)
    except (BackupError, OSError) as error:
        print(f"hnpal-backup {command} failed: {error}", file=sys.stderr)
        if backups is not None and (kind := REPORTED.get(command)):
            backups.reports.add_failure(kind, str(error))
        return 1
    if said:
        print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
