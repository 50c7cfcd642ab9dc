"""What the demo remembers is held by one demo at a time, and forgotten when nobody holds it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from demo.state import forget, held
from simulators.failure import ServerFailedError
from simulators.processes import ROOT


def reset(state: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "demo", "--state", str(state), "--reset"]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def test_a_second_demo_is_refused(tmp_path: Path) -> None:
    with held(tmp_path), pytest.raises(ServerFailedError, match="Ctrl-C"), held(tmp_path):
        raise AssertionError("two demos hold the same state")
    with held(tmp_path):
        pass


def test_forgetting_leaves_nothing(tmp_path: Path) -> None:
    with held(tmp_path):
        (tmp_path / "postgresql").mkdir()
        (tmp_path / "postgresql" / "PG_VERSION").touch()
        (tmp_path / "chats.json").touch()
        forget(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["lock"]


def test_reset_while_a_demo_runs_says_so_and_deletes_nothing(tmp_path: Path) -> None:
    chats = tmp_path / "chats.json"
    chats.touch()
    with held(tmp_path):
        refused = reset(tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "a demo is running in this clone" in refused.stderr
    assert chats.exists()
    assert reset(tmp_path).returncode == 0
    assert not chats.exists()
