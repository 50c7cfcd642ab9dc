#!/usr/bin/env python3
"""Make a release: `release.py make X.Y.Z [--dry-run]` checks, dates the changelog, and tags.

`release.py notes X.Y.Z` prints the changelog's entries for a version, after checking that it is
the code's version. Nothing is pushed; the last line of the output says how to push.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
VERSION_LINE = re.compile(r'^__version__ = "([^"]*)"$', re.MULTILINE)
SECTION = re.compile(r"^## \[([^]]+)\].*\n", re.MULTILINE)
UNRELEASED = "Unreleased"


class ReleaseError(Exception):
    """The release cannot be made; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Repository:
    """A clone of HN Pal."""

    root: Path

    @property
    def version_file(self) -> Path:
        return self.root / "backend" / "app" / "__init__.py"

    @property
    def changelog(self) -> Path:
        return self.root / "CHANGELOG.md"

    def version(self) -> str:
        found = VERSION_LINE.search(self.version_file.read_text())
        if found is None:
            raise ReleaseError(f'{self.version_file} has no line like __version__ = "1.2.3"')
        return found[1]

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ReleaseError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()


def notes(changelog: str, version: str) -> str:
    """The entries for `version` in `changelog`, without the heading.

    Raises:
        ReleaseError: there are none.
    """
    headings = list(SECTION.finditer(changelog))
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading[1] == version:
            text = changelog[heading.end() : following.start() if following else None].strip()
            if text:
                return text
    raise ReleaseError(f"CHANGELOG.md has nothing under [{version}]")


def dated(changelog: str, version: str, day: str) -> str:
    """`changelog` with its unreleased entries moved under `version` and `day` (YYYY-MM-DD)."""
    heading = f"## [{UNRELEASED}]\n"
    return changelog.replace(heading, f"{heading}\n## [{version}] - {day}\n", 1)


def check(repository: Repository, version: str) -> None:
    """Raise ReleaseError unless `version` can be released from this clone."""
    current = repository.version()
    if not VERSION.fullmatch(version):
        raise ReleaseError(f"{version!r} is not a version such as 1.2.3")
    if _numbers(version) <= _numbers(current):
        raise ReleaseError(f"{version} is not above {current}, the version of the code")
    if branch := repository.git("status", "--porcelain"):
        raise ReleaseError(f"commit or remove these first:\n{branch}")
    if (branch := repository.git("rev-parse", "--abbrev-ref", "HEAD")) != "main":
        raise ReleaseError(f"releases are made on main, and this is {branch}")
    if repository.git("tag", "--list", f"v{version}"):
        raise ReleaseError(f"there is a tag v{version} already")
    notes(repository.changelog.read_text(), UNRELEASED)


def make(repository: Repository, version: str, *, dry_run: bool) -> None:
    """Commit the new version with its dated changelog, and tag the commit."""
    check(repository, version)
    changelog = repository.changelog.read_text()
    print(f"{repository.version()} -> {version}\n\n{notes(changelog, UNRELEASED)}\n")
    if dry_run:
        print("Nothing was changed (--dry-run).")
        return
    day = datetime.now(UTC).date().isoformat()
    repository.changelog.write_text(dated(changelog, version, day))
    code = repository.version_file.read_text()
    repository.version_file.write_text(VERSION_LINE.sub(f'__version__ = "{version}"', code))
    paths = [str(repository.changelog), str(repository.version_file)]
    message = f"release: {version}\n\nSee the changelog."
    repository.git("commit", "--quiet", "--message", message, "--", *paths)
    repository.git("tag", "--annotate", f"v{version}", "--message", f"HN Pal {version}")
    print(f"Tagged v{version}. To publish it: git push --follow-tags")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    actions = parser.add_subparsers(dest="action", required=True)
    making = actions.add_parser("make", help="check, date the changelog, commit and tag")
    making.add_argument("version")
    making.add_argument("--dry-run", action="store_true", help="only check, and print the notes")
    printing = actions.add_parser("notes", help="print the changelog's entries for a version")
    printing.add_argument("version")
    arguments = parser.parse_args()
    repository = Repository(arguments.root)
    try:
        if arguments.action == "make":
            make(repository, arguments.version, dry_run=arguments.dry_run)
            return 0
        if arguments.version != repository.version():
            raise ReleaseError(f"the code has version {repository.version()}")
        print(notes(repository.changelog.read_text(), arguments.version))
    except ReleaseError as error:
        print(f"No release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
