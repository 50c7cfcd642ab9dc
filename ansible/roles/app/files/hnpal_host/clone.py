"""The clone of the code on the host, which is cloned again if git cannot read it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

SECONDS = 60
FETCH_SECONDS = 600
SSH = "ssh -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new"


def git(*arguments: str, seconds: float = SECONDS, key: Path | None = None) -> str:
    """Run git and return its output.

    Raises:
        HostError: it fails or takes too long.
    """
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    if key is not None and key.exists():
        environment["GIT_SSH_COMMAND"] = f"{SSH} -i {key}"
    try:
        done = subprocess.run(
            ["git", *arguments], env=environment, umask=0o022, timeout=seconds,
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError) as error:
        raise HostError(f"git {arguments[-1]}: {error}") from error
    if done.returncode != 0:
        raise HostError(f"git: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return done.stdout.strip()


def check_out(config: HostConfig, commit: str) -> None:
    """Check a commit out, also if the index cannot be read.

    Raises:
        HostError: that fails.
    """
    command = ("-C", str(config.clone), "checkout", "--force", "--quiet", "--detach", commit)
    try:
        git(*command)
    except HostError:
        _index(config.clone).unlink(missing_ok=True)  # git then builds it from the commit
        git(*command)


def is_usable(clone: Path) -> bool:
    """Whether git can determine what is checked out, and has a remote."""
    try:
        git("-C", str(clone), "cat-file", "-e", "HEAD^{commit}")
        git("-C", str(clone), "status", "--porcelain")
        _remote(clone)
    except HostError:
        return False
    return True


def repair(config: HostConfig, commit: str, repository: str) -> list[str]:
    """Make an unusable clone usable: build its index again, or else replace it by a new clone of
    the repository at a commit. Its remote becomes the repository. Returns what was done.

    Raises:
        HostError: that fails; the code is then unchanged.
    """
    clone = config.clone
    if not (clone / ".git").exists():
        return []
    if is_usable(clone):
        return _set_remote(clone, repository)
    if _rebuild_index(clone):
        _set_remote(clone, repository)
        return [f"built the index of {clone} again, which git could not read"]
    fresh = clone.with_name("app.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    key = config.home / "deploy_key"
    git("clone", "--quiet", repository, str(fresh), seconds=FETCH_SECONDS, key=key)
    git("-C", str(fresh), "checkout", "--quiet", "--detach", commit or "HEAD")
    (fresh / ".env").symlink_to(config.settings)
    damaged = clone.with_name("app.damaged")
    shutil.rmtree(damaged, ignore_errors=True)
    clone.rename(damaged)
    fresh.rename(clone)
    return [f"fetched {clone} anew, which git could not read; what it was is in {damaged}"]


def _set_remote(clone: Path, repository: str) -> list[str]:
    if _remote(clone) == repository:
        return []
    git("-C", str(clone), "remote", "set-url", "origin", repository)
    # The addresses are not named, because they may contain a token.
    return [f"set the remote of {clone}, which was another one"]


def _remote(clone: Path) -> str:
    # As it was set: `git remote get-url` rewrites it where `url.….insteadOf` says so.
    return git("-C", str(clone), "config", "remote.origin.url")


def _rebuild_index(clone: Path) -> bool:
    """Build the index from the commit; the files are left as they are. Returns whether the clone
    is usable then.
    """
    try:
        _index(clone).unlink(missing_ok=True)
        git("-C", str(clone), "reset", "--quiet")
    except (HostError, OSError):
        return False
    return is_usable(clone)


def _index(clone: Path) -> Path:
    return clone / ".git" / "index"
