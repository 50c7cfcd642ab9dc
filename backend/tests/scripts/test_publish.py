"""Publishing to a git remote: one commit; nothing else is changed or overwritten."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@localhost")
    done = subprocess.run(
        ["git", *identity, "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    folder = tmp_path / "remote.git"
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", ".")
    return folder


@pytest.fixture
def website(tmp_path: Path) -> Path:
    folder = tmp_path / "website"
    (folder / "story").mkdir(parents=True)
    for name in (".hnpal-website", ".nojekyll", "index.html", "story/1.html"):
        (folder / name).write_text(name)
    return folder


def publish(website: Path, remote: Path | str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        str(ROOT / "scripts" / "publish.py"),
        str(website),
        str(remote),
        *more,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def files(remote: Path, branch: str = "gh-pages") -> list[str]:
    return git(remote, "ls-tree", "-r", "--name-only", branch).splitlines()


def test_the_branch_holds_one_commit_with_the_present_files(website: Path, remote: Path) -> None:
    assert publish(website, remote).stdout == "Published.\n"
    assert files(remote) == [".hnpal-website", ".nojekyll", "index.html", "story/1.html"]
    (website / "story/1.html").unlink()
    (website / "index.html").write_text("newer")
    assert publish(website, remote).returncode == 0
    assert files(remote) == [".hnpal-website", ".nojekyll", "index.html"]
    assert git(remote, "rev-list", "--count", "gh-pages") == "1"
    assert git(remote, "show", "gh-pages:index.html") == "newer"


def test_unchanged_files_are_not_pushed_again(website: Path, remote: Path) -> None:
    publish(website, remote)
    before = git(remote, "rev-parse", "gh-pages")
    assert publish(website, remote).stdout == "The remote holds these files already.\n"
    assert git(remote, "rev-parse", "gh-pages") == before


def test_a_branch_with_other_files_is_left_alone(
    website: Path, remote: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "theirs"
    git(tmp_path, "clone", "--quiet", str(remote), str(theirs))
    (theirs / "thesis.txt").write_text("Ten years of work.")
    git(theirs, "add", "thesis.txt")
    git(theirs, "commit", "--quiet", "-m", "write")
    git(theirs, "push", "--quiet", "origin", "HEAD:main")
    refused = publish(website, remote, "--branch", "main")
    assert refused.returncode == 1
    assert "holds other files" in refused.stderr
    assert files(remote, "main") == ["thesis.txt"]
    assert publish(website, remote).returncode == 0
    assert files(remote, "main") == ["thesis.txt"]


def test_a_folder_that_is_not_a_website_is_not_published(remote: Path, tmp_path: Path) -> None:
    refused = publish(tmp_path, remote)
    assert refused.returncode == 1
    assert git(remote, "for-each-ref") == ""


def test_a_remote_that_is_not_there_is_named_without_a_traceback(
    website: Path, tmp_path: Path
) -> None:
    failed = publish(website, tmp_path / "nowhere.git")
    assert failed.returncode == 1
    assert failed.stderr.startswith("Nothing was published: git ls-remote:")
    assert "Traceback" not in failed.stderr
