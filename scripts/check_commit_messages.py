#!/usr/bin/env python3
"""Check commit messages: `area: what changes`, at most 72 characters, imperative, then why.

`check_commit_messages.py FILE` checks one message; git's commit-msg hook passes it. Without a file
it checks the commits since the rule was introduced, or since `--since REVISION`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_SUBJECT = 72
# The last commit before the rule.
BEFORE_THE_RULE = "73f7414"
SUBJECT = re.compile(r"[a-z][a-z0-9/_.-]*: \S.*[^.\s]")
# Common verbs of commit subjects, in forms other than the imperative.
NOT_IMPERATIVE = re.compile(
    r": (?:add|chang|fix|improv|mov|remov|renam|replac|support|updat|us)(?:e?s|e?d|ing)\b", re.I
)
WRITTEN_BY_GIT = ("Merge ", "Revert ", "fixup! ", "squash! ")


def complaints(message: str) -> Iterator[str]:
    """The violations of the rule in a commit message."""
    lines = [line.rstrip() for line in message.splitlines() if not line.startswith("#")]
    subject = lines[0] if lines else ""
    if subject.startswith(WRITTEN_BY_GIT):
        return
    if not SUBJECT.fullmatch(subject):
        yield "the subject is not `area: what changes`, without a full stop"
    if len(subject) > MAX_SUBJECT:
        yield f"the subject has {len(subject)} characters, and {MAX_SUBJECT} at most are read"
    if NOT_IMPERATIVE.search(subject):
        yield "the subject is not in the imperative (`add`, not `adds` or `adding`)"
    if len(lines) > 1 and lines[1]:
        yield "the second line is not empty"
    if not any(lines[2:]):
        yield "there is no body that says why"


def commits(since: str) -> Iterator[tuple[str, str]]:
    """The commits since a revision, with their messages."""
    log = ["git", "log", "--no-merges", "--format=%h%x00%B%x01", f"{since}..HEAD"]
    done = subprocess.run(log, capture_output=True, text=True, check=True)
    for record in done.stdout.split("\x01"):
        commit, found, message = record.strip().partition("\x00")
        if found:
            yield commit, message


def exists(revision: str) -> bool:
    """Whether this clone has the commit; a shallow clone may not."""
    command = ["git", "cat-file", "-e", f"{revision}^{{commit}}"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="a message; the hook's argument")
    parser.add_argument("--since", default=BEFORE_THE_RULE, metavar="REVISION")
    arguments = parser.parse_args()
    if arguments.file:
        messages = [("this message", arguments.file.read_text())]
    elif exists(arguments.since):
        messages = list(commits(arguments.since))
    else:
        print(f"Commit messages are not checked: this clone does not have {arguments.since}.")
        return 0
    found = [(name, words) for name, message in messages for words in complaints(message)]
    for name, words in found:
        print(f"{name}: {words}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
