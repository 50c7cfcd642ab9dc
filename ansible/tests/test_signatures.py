"""Only commits signed by keys of the inventory are deployed: with a real git and real SSH keys."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from hnpal_host import signatures
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

ROLE = Path(__file__).resolve().parents[1] / "roles/app"
AT = "2026-06-01T12:00:00Z"
Commit = Callable[..., str]


class Origin:
    """The repository that the host fetches, and the keys of some people."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "origin"
        self.path.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, at: str = AT, sign: str = "") -> str:
        signing = (
            ["-c", "gpg.format=ssh", "-c", f"user.signingkey={self.key(sign)}"] if sign else []
        )
        identity = ["-c", "user.name=t", "-c", "user.email=t@mail.example"]
        return subprocess.check_output(
            ["git", "-C", self.path, *identity, *signing, *arguments],
            env={**os.environ, "GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": at},
            text=True,
        ).strip()

    def key(self, name: str) -> Path:
        path = self.folder / f"key-{name}"
        if not path.exists():
            make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
            subprocess.run(make, check=True)
        return path

    def public(self, name: str) -> str:
        return " ".join(self.key(name).with_suffix(".pub").read_text().split()[:2])

    def commit(self, message: str, sign: str = "", at: str = AT) -> str:
        (self.path / "file").write_text(message)
        self.git("add", "--all")
        signed = ["--gpg-sign"] if sign else ["--no-gpg-sign"]
        self.git("commit", "--quiet", "--message", message, *signed, at=at, sign=sign)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Origin:
    return Origin(tmp_path)


@pytest.fixture
def config(tmp_path: Path) -> HostConfig:
    home = tmp_path / "home"
    home.mkdir()
    return HostConfig(
        home=home,
        project="hnpal",
        compose_file="compose.yml",
        image="hnpal-app",
        data_services=[],
        health_seconds=0,
        backup_lock=home / "backup.lock",
    )


@pytest.fixture
def fetch(origin: Origin, config: HostConfig) -> Commit:
    """Fetch a ref, with the keys of these people allowed."""

    def fetched(ref: str, *lines: str) -> str:
        signers = config.home / "allowed_signers"
        signers.write_text("".join(f"{line}\n" for line in lines))
        return signatures.fetch(config, str(origin.path), ref, signers)

    return fetched


def allow(origin: Origin, name: str, options: str = 'namespaces="git"') -> str:
    return f"{name}@mail.example {options} {origin.public(name)}"


def checked_out(config: HostConfig) -> list[str]:
    return [path.name for path in config.clone.iterdir() if path.name != ".git"]


def test_a_commit_signed_by_an_allowed_key_is_fetched(
    origin: Origin, config: HostConfig, fetch: Commit
) -> None:
    old = origin.commit("old", sign="ada")
    ada = allow(origin, "ada")
    assert fetch("main", ada) == old
    new = origin.commit("new", sign="ada")
    for ref in ("main", new, new[:10]):
        assert fetch(ref, allow(origin, "bob"), ada) == new
    # It is the next task that checks it out.
    assert checked_out(config) == []


@pytest.mark.parametrize("first", [True, False], ids=["first", "update"])
def test_an_unsigned_commit_is_refused_with_what_to_do(
    origin: Origin, config: HostConfig, fetch: Commit, *, first: bool
) -> None:
    ada = allow(origin, "ada")
    if not first:
        origin.commit("signed", sign="ada")
        fetch("main", ada)
    unsigned = origin.commit("unsigned")
    with pytest.raises(HostError) as error:
        fetch("main", ada)
    said = str(error.value)
    assert f"{unsigned[:10]} is not signed" in said
    for way in ("--gpg-sign", "app_verify_signers", "-e app_verify=false"):
        assert way in said
    assert checked_out(config) == []


def test_a_commit_signed_by_a_stranger_is_refused(origin: Origin, fetch: Commit) -> None:
    stranger = origin.commit("theirs", sign="eve")
    with pytest.raises(HostError, match=f"{stranger[:10]} is signed, but not by a key"):
        fetch("main", allow(origin, "ada"))


def test_a_key_that_was_removed_signs_no_more(origin: Origin, fetch: Commit) -> None:
    origin.commit("while allowed", sign="bob")
    fetch("main", allow(origin, "ada"), allow(origin, "bob"))
    with pytest.raises(HostError, match="is signed, but not by a key"):
        fetch("main", allow(origin, "ada"))


def test_a_key_counts_for_the_time_that_it_is_valid(origin: Origin, fetch: Commit) -> None:
    earlier = origin.commit("earlier", sign="ada", at="2026-01-01T12:00:00Z")
    later = origin.commit("later", sign="ada", at="2026-09-01T12:00:00Z")
    expired = allow(origin, "ada", 'valid-before="20260601"')
    assert fetch(earlier, expired) == earlier
    with pytest.raises(HostError, match=f"{later[:10]} is signed, but not by a key"):
        fetch("main", expired)


@pytest.mark.parametrize("options", ['namespaces="file"', "cert-authority"])
def test_a_key_for_another_purpose_signs_no_commit(
    origin: Origin, fetch: Commit, options: str
) -> None:
    origin.commit("mine", sign="ada")
    with pytest.raises(HostError, match="is signed, but not by a key"):
        fetch("main", allow(origin, "ada", options))


def test_a_tag_stands_for_its_commit(origin: Origin, fetch: Commit) -> None:
    ada = allow(origin, "ada")
    signed = origin.commit("signed", sign="ada")
    origin.git("tag", "--annotate", "--message", "v1", "v1")
    origin.git("tag", "light")
    assert fetch("v1", ada) == fetch("light", ada) == signed
    origin.commit("unsigned")
    origin.git("tag", "--sign", "--message", "v2", "v2", sign="ada")
    with pytest.raises(HostError, match="is not signed"):
        fetch("v2", ada)


def test_a_moved_tag_or_branch_is_fetched_anew(origin: Origin, fetch: Commit) -> None:
    ada = allow(origin, "ada")
    origin.commit("first", sign="ada")
    origin.git("tag", "v1")
    fetch("v1", ada)
    moved = origin.commit("second", sign="ada")
    origin.git("tag", "--force", "v1")
    assert fetch("v1", ada) == moved
    origin.git("reset", "--quiet", "--hard", "HEAD~")
    unsigned = origin.commit("another")
    with pytest.raises(HostError, match=unsigned[:10]):
        fetch("main", ada)


def test_a_signature_of_another_commit_is_refused(origin: Origin, fetch: Commit) -> None:
    origin.commit("signed", sign="ada")
    content = origin.git("cat-file", "commit", "HEAD")
    forged = subprocess.check_output(
        ["git", "-C", origin.path, "hash-object", "-t", "commit", "-w", "--stdin"],
        input=f"{content.replace('signed', 'forged')}\n", text=True,
    ).strip()  # fmt: skip
    origin.git("update-ref", "refs/heads/main", forged)
    with pytest.raises(HostError, match=f"{forged[:10]} is signed, but not by a key"):
        fetch("main", allow(origin, "ada"))


def test_no_other_kind_of_signature_counts(origin: Origin, fetch: Commit) -> None:
    program = origin.folder / "gpg"
    program.write_text(
        "#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "printf -- '-----BEGIN PGP SIGNATURE-----\\n\\nAAAA\\n-----END PGP SIGNATURE-----\\n'\n"
    )
    program.chmod(0o755)
    origin.commit("any")
    pgp = ("-c", "gpg.format=openpgp", "-c", f"gpg.program={program}")
    origin.git(*pgp, "commit", "--quiet", "--amend", "--no-edit", "--gpg-sign=ada")
    with pytest.raises(HostError, match="is signed, but not by a key"):
        fetch("main", allow(origin, "ada"))


def test_a_commit_that_is_there_needs_no_remote(origin: Origin, fetch: Commit) -> None:
    ada = allow(origin, "ada")
    commit = origin.commit("signed", sign="ada")
    fetch("main", ada)
    origin.path.rename(origin.path.with_name("gone"))
    assert fetch(commit, ada) == commit
    with pytest.raises(HostError, match="git: "):
        fetch("main", ada)


def test_without_a_key_nothing_is_fetched(
    origin: Origin, config: HostConfig, fetch: Commit
) -> None:
    origin.commit("signed", sign="ada")
    with pytest.raises(HostError, match="app_verify_signers is empty"):
        fetch("main")
    assert not config.clone.exists()


@pytest.mark.parametrize("ref", ["nothing", "--upload-pack=touch x", "main~1"])
def test_what_the_repository_does_not_have_is_named(
    origin: Origin, fetch: Commit, ref: str
) -> None:
    origin.commit("signed", sign="ada")
    with pytest.raises(HostError, match="has no branch, tag or commit"):
        fetch(ref, allow(origin, "ada"))


def test_the_role_verifies_before_it_checks_anything_out() -> None:
    tasks = yaml.safe_load((ROLE / "tasks/code.yml").read_text())
    named = [str(task) for task in tasks]
    (verifies,) = (number for number, text in enumerate(named) if "fetch-signed" in text)
    checks_out = [
        number for number, task in enumerate(tasks)
        if "ansible.builtin.git" in task or "app_checkout_command" in str(task)
    ]  # fmt: skip
    assert len(checks_out) == 2
    assert verifies < min(checks_out)
    assert "app_signed.stdout" in named[checks_out[0]]
