#!/usr/bin/env python3
"""Publish a website built by `python -m app.website` to a branch of a git remote.

The branch has a single commit with the current files. Nothing else in the remote is changed, and a
branch with other files is rejected.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MARKER = ".hnpal-website"
SECONDS = 120


class PublishError(Exception):
    """Nothing was published; the message says why."""


def git(folder: Path, *arguments: str, **environment: str) -> str:
    """Run git in a folder and return its output.

    Raises:
        PublishError: it failed, or took longer than `SECONDS`.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS,
            env=os.environ | {"GIT_TERMINAL_PROMPT": "0"} | environment,
        )
    except subprocess.TimeoutExpired:
        raise PublishError(f"git {arguments[0]} took longer than {SECONDS} s") from None
    except subprocess.CalledProcessError as error:
        lines = error.stderr.strip().splitlines() or ["no reason given"]
        raise PublishError(f"git {arguments[0]}: {lines[-1]}") from None
    return done.stdout.strip()


def publish(website: Path, remote: str, branch: str) -> bool:
    """Push the website as the branch's only commit; False if the branch already has these files.

    Raises:
        PublishError: the branch has other files, or git failed.
    """
    if not (website / MARKER).is_file():
        raise PublishError(f"{website} is not a website that python -m app.website made")
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        git(work, "init", "--quiet", "--bare", ".")
        before = git(work, "ls-remote", remote, f"refs/heads/{branch}").partition("\t")[0]
        if before:
            git(work, "fetch", "--quiet", "--depth", "1", remote, f"refs/heads/{branch}")
            if MARKER not in git(work, "ls-tree", "--name-only", "FETCH_HEAD").splitlines():
                raise PublishError(f"the branch {branch} holds other files; name another branch")
        place = ("--git-dir", str(work), "--work-tree", str(website.resolve()))
        git(work, *place, "add", "--all", "--force", ".")
        tree = git(work, "write-tree")
        if before and tree == git(work, "rev-parse", "FETCH_HEAD^{tree}"):
            return False
        who = {
            f"GIT_{role}_{what}": value
            for role in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", "HN Pal"), ("EMAIL", "hnpal@localhost"))
        }
        commit = git(work, "commit-tree", tree, "-m", "Publish the website", **who)
        # The lease protects a concurrent push from being overwritten.
        lease = f"--force-with-lease=refs/heads/{branch}:{before}"
        git(work, "push", "--quiet", lease, remote, f"{commit}:refs/heads/{branch}")
    return True


def main() -> int:
    """Returns 0 if the remote has the website, otherwise 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("website", type=Path, help="the website's folder")
    parser.add_argument("remote", help="the address of a git repository that you may push to")
    parser.add_argument("--branch", default="gh-pages", help="the branch; %(default)s by default")
    arguments = parser.parse_args()
    try:
        pushed = publish(arguments.website, arguments.remote, arguments.branch)
    except PublishError as error:
        print(f"Nothing was published: {error}", file=sys.stderr)
        return 1
    print("Published." if pushed else "The remote holds these files already.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
