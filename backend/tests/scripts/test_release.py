"""A release is refused if something is missing; else it makes a commit and a tag."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "release.py"
CHANGELOG = """# Changelog

## [Unreleased]

### Added

- A button.

## [0.1.0] - 2026-01-01

- The first one.
"""


class Clone:
    """A git repository with what a release reads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.code = root / "backend" / "app" / "__init__.py"
        self.code.parent.mkdir(parents=True)
        self.code.write_text('"""HN Pal."""\n\n__version__ = "0.1.0"\n')
        self.changelog = root / "CHANGELOG.md"
        self.changelog.write_text(CHANGELOG)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.email", "ada@example.com")
        self.git("config", "user.name", "Ada")
        self.commit("start: the first commit")

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.root), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def release(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(SCRIPT), "--root", str(self.root), *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def test_a_release_is_a_commit_with_a_tag_and_a_dated_changelog(clone: Clone) -> None:
    done = clone.release("make", "0.2.0")
    assert done.returncode == 0, done.stderr
    assert '__version__ = "0.2.0"' in clone.code.read_text()
    changelog = clone.changelog.read_text()
    assert changelog.index("## [Unreleased]") < changelog.index("## [0.2.0] - ")
    assert changelog.index("## [0.2.0] - ") < changelog.index("A button.")
    assert clone.git("log", "-1", "--format=%s") == "release: 0.2.0"
    assert clone.git("cat-file", "-t", "v0.2.0") == "tag"
    assert clone.git("status", "--porcelain") == ""
    assert clone.release("notes", "0.2.0").stdout.strip() == "### Added\n\n- A button."


def test_a_dry_run_changes_nothing(clone: Clone) -> None:
    before = clone.git("rev-parse", "HEAD")
    done = clone.release("make", "0.2.0", "--dry-run")
    assert done.returncode == 0
    assert "A button." in done.stdout
    assert clone.git("rev-parse", "HEAD") == before
    assert clone.git("status", "--porcelain") == ""
    assert clone.git("tag") == ""


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "1.0", "v1.0.0", "01.0.0", "1.0.0-rc1", ""])
def test_only_a_higher_version_is_released(clone: Clone, version: str) -> None:
    done = clone.release("make", version)
    assert done.returncode == 1
    assert done.stderr.startswith("No release: ")


def test_nothing_uncommitted_is_released(clone: Clone) -> None:
    (clone.root / "more").write_text("x")
    done = clone.release("make", "0.2.0")
    assert (done.returncode, "more" in done.stderr) == (1, True)


def test_releases_are_made_on_main(clone: Clone) -> None:
    clone.git("checkout", "--quiet", "-b", "idea")
    done = clone.release("make", "0.2.0")
    assert (done.returncode, "idea" in done.stderr) == (1, True)


def test_a_release_without_notes_is_refused(clone: Clone) -> None:
    clone.changelog.write_text(CHANGELOG.replace("### Added\n\n- A button.\n\n", ""))
    clone.commit("docs: remove the notes")
    done = clone.release("make", "0.2.0")
    assert (done.returncode, "[Unreleased]" in done.stderr) == (1, True)


def test_a_tag_is_not_made_twice(clone: Clone) -> None:
    clone.git("tag", "v0.2.0")
    done = clone.release("make", "0.2.0")
    assert (done.returncode, "v0.2.0" in done.stderr) == (1, True)


def test_notes_are_those_of_the_codes_own_version(clone: Clone) -> None:
    assert clone.release("notes", "0.1.0").stdout.strip() == "- The first one."
    done = clone.release("notes", "0.3.0")
    assert (done.returncode, "0.1.0" in done.stderr) == (1, True)


def test_the_repositorys_own_changelog_can_be_released() -> None:
    root = SCRIPT.parents[1]
    changelog = (root / "CHANGELOG.md").read_text()
    assert "## [Unreleased]\n" in changelog
