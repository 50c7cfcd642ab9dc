"""The deployed code: commits made for a drill, pushed to the repository that the host fetches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rehearsal.lab.programs import run

AUTHOR = ("-c", "user.name=Rehearsal", "-c", "user.email=rehearsal@localhost")
Edit = Callable[[Path], None]


class Repository:
    """A clone of the deployed repository, in which releases are made."""

    def __init__(self, clone: Path, repository: Path) -> None:
        self._clone = clone
        run("git", "clone", "--quiet", repository, clone, timeout=120)

    def head(self) -> str:
        """The commit that an update would deploy."""
        return self._git("rev-parse", "HEAD").strip()

    def release(self, message: str, edit: Edit, key: Path | None = None) -> str:
        """Edit the files, commit, signed with an SSH key if there is one, and push.

        Returns the commit.
        """
        edit(self._clone)
        self._git("add", "--all")
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={key}"] if key else []
        signed = "--gpg-sign" if key else "--no-gpg-sign"
        self._git(*AUTHOR, *signing, "commit", "--quiet", signed, "--message", message)
        self._push()
        return self.head()

    def rewrite(self, message: str) -> str:
        """Replace the newest commit by another with the same code; returns the new one."""
        self._git(*AUTHOR, "commit", "--quiet", "--amend", "--no-gpg-sign", "--message", message)
        self._push()
        return self.head()

    def go_back_to(self, commit: str) -> None:
        """Remove the commits after `commit`."""
        self._git("reset", "--quiet", "--hard", commit)
        self._push()

    def _push(self) -> None:
        self._git("push", "--quiet", "--force", "origin", "HEAD:main")

    def _git(self, *arguments: str) -> str:
        return run("git", "-C", self._clone, *arguments, timeout=60)


def harmless(number: int) -> Edit:
    """A change to the code without an effect on the bot."""

    def edit(clone: Path) -> None:
        module = clone / "backend/app/__init__.py"
        module.write_text(f"{module.read_text()}# Release {number} of a rehearsal.\n")

    return edit
