"""The content of the image, checked against its lock file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CLONE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("processor", ["x86_64", "aarch64"])
def test_a_host_of_either_architecture_gets_wheels_for_all(processor: str, tmp_path: Path) -> None:
    # As the Dockerfile does, but nothing is fetched: the lock file knows each wheel's name.
    sync = ("sync", "--frozen", "--no-dev", "--no-build", "--no-cache", "--dry-run", "--offline")
    platform = ("--python-platform", f"{processor}-unknown-linux-gnu")
    done = subprocess.run(
        [CLONE / ".tools/uv", *sync, *platform],
        cwd=CLONE / "backend",
        env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "rocksdict" in done.stderr
