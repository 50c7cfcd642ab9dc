"""Fetches commits without checking them out, and verifies their signatures.

Signatures are those of git with `gpg.format=ssh`. The keys that may sign are in a file of
ssh-keygen (ALLOWED SIGNERS in ssh-keygen(1)).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from hnpal_host import clone
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

ALLOWED_SIGNERS = Path("/etc/hnpal/allowed_signers")
SECONDS = 60
COMMIT = re.compile(r"[0-9a-f]{7,64}")
MAX_REASON = 200
# Only a key in the file counts: no other kind of signature, and no key that the file does not name.
STRICT = (
    *("-c", "gpg.ssh.program=ssh-keygen", "-c", "gpg.minTrustLevel=fully"),
    *("-c", "gpg.openpgp.program=false", "-c", "gpg.x509.program=false"),
)
WAYS_OUT = (
    "Have it signed (git config gpg.format ssh; git commit --amend --no-edit --gpg-sign), or add"
    " the signer's key to app_verify_signers in the inventory. To deploy it nevertheless:"
    " -e app_verify=false"
)


def fetch(config: HostConfig, repository: str, ref: str, signers: Path = ALLOWED_SIGNERS) -> str:
    """Fetch a branch, tag or commit and verify its signature; nothing is checked out.

    Returns the commit.

    Raises:
        HostError: the repository does not have it, or the commit is not signed by a key in the
        file.
    """
    if not signers.exists() or not signers.read_text(encoding="utf-8").strip():
        raise HostError(
            "app_verify is set, but app_verify_signers is empty, so that no commit could be"
            " deployed. Add the public keys that sign, one line each:"
            " me@mail.example ssh-ed25519 AAAA..."
        )
    commit = _local(config.clone, ref)
    if not commit:
        _fetch_all(config, repository)
        commit = _resolve(config.clone, ref)
    verify(config.clone, commit, signers)
    return commit


def verify(repository: Path, commit: str, signers: Path) -> None:
    """Verify the signature of a commit.

    Raises:
        HostError: it has none, or none by a key in the file that is valid at the commit's time.
    """
    try:
        done = subprocess.run(
            [
                *("git", "-C", repository, *STRICT),
                *("-c", f"gpg.ssh.allowedSignersFile={signers}", "verify-commit", commit),
            ],
            capture_output=True, text=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (subprocess.TimeoutExpired, OSError) as error:
        raise HostError(f"git verify-commit: {error}") from error
    if done.returncode == 0:
        return
    if not _is_signed(repository, commit):
        raise HostError(f"{commit[:10]} is not signed, and app_verify is set. {WAYS_OUT}")
    reason = " ".join(done.stderr.split())[:MAX_REASON]
    raise HostError(
        f"{commit[:10]} is signed, but not by a key of app_verify_signers that was valid at the"
        f" time of the commit ({reason}). {WAYS_OUT}"
    )


def _is_signed(repository: Path, commit: str) -> bool:
    header = clone.git("-C", str(repository), "cat-file", "commit", commit).partition("\n\n")[0]
    return any(line.startswith("gpgsig") for line in header.splitlines())


def _local(repository: Path, ref: str) -> str:
    """A full commit id that is already there, or an empty string."""
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", ref) or not (repository / ".git").exists():
        return ""
    return _commit(repository, ref)


def _fetch_all(config: HostConfig, repository: str) -> None:
    key = config.home / "deploy_key"
    if not (config.clone / ".git").exists():
        fresh = config.clone.with_name("app.fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        clone.git(
            *("clone", "--quiet", "--no-checkout", repository, str(fresh)),
            seconds=clone.FETCH_SECONDS, key=key,
        )  # fmt: skip
        fresh.rename(config.clone)
        return
    at = ("-C", str(config.clone))
    clone.git(*at, "config", "remote.origin.url", repository)
    clone.git(
        *(*at, "fetch", "--quiet", "--force", "--tags", "origin"),
        "+refs/heads/*:refs/remotes/origin/*",
        seconds=clone.FETCH_SECONDS, key=key,
    )  # fmt: skip


def _resolve(repository: Path, ref: str) -> str:
    """The commit that a ref of the remote names: a branch, else a tag, else a commit."""
    names = [f"refs/remotes/origin/{ref}", f"refs/tags/{ref}"]
    if COMMIT.fullmatch(ref):
        names.append(ref)
    commits = (_commit(repository, name) for name in names)
    if commit := next(filter(None, commits), ""):
        return commit
    raise HostError(f"The repository has no branch, tag or commit {ref!r}. Set app_ref to one.")


def _commit(repository: Path, name: str) -> str:
    """The commit that a name stands for, or an empty string."""
    try:
        return clone.git(
            *("-C", str(repository), "rev-parse", "--verify", "--quiet"),
            *("--end-of-options", f"{name}^{{commit}}"),
        )
    except HostError:
        return ""
