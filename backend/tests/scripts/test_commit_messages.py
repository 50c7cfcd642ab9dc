"""Which commit messages are rejected, and the error texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[3] / "scripts" / "check_commit_messages.py"
BODY = "\n\nReaders asked for it."


def check(tmp_path: Path, message: str) -> str:
    """What the hook complains of; empty when it lets the message pass."""
    file = tmp_path / "COMMIT_EDITMSG"
    file.write_text(message)
    command = [sys.executable, str(SCRIPT), str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode == 0) == (done.stderr == "")
    return done.stderr


@pytest.mark.parametrize(
    "message",
    [
        "docs: name the release" + BODY,
        "telegram/send: pass the lease on" + BODY + "\n# Please enter the commit message",
        "ansible: " + "x" * 63 + BODY,
        "Merge branch 'main'",
        'Revert "docs: name the release"',
    ],
)
def test_valid_messages_pass(tmp_path: Path, message: str) -> None:
    assert check(tmp_path, message) == ""


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("The bot answers faster" + BODY, "area: what changes"),
        ("docs: name the release." + BODY, "full stop"),
        ("ansible: " + "x" * 64 + BODY, "73 characters"),
        ("docs: adds a page" + BODY, "imperative"),
        ("docs: fixing a page" + BODY, "imperative"),
        ("docs: name the release\nand more" + BODY, "second line"),
        ("docs: name the release", "no body"),
        ("", "area: what changes"),
    ],
)
def test_invalid_messages_are_refused(tmp_path: Path, message: str, words: str) -> None:
    assert words in check(tmp_path, message)
