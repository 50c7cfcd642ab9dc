"""The content of the image, checked against its lock file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import slim

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


def test_the_image_keeps_what_is_imported_and_the_formats_of_languages_to_choose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strip = tmp_path / "bin/strip"
    strip.parent.mkdir()
    strip.write_text(f'#!/bin/sh\nshift; for one; do echo "$one"; done >{tmp_path}/stripped\n')
    strip.chmod(0o755)
    monkeypatch.setenv("PATH", f"{strip.parent}:{os.environ['PATH']}")
    packages = tmp_path / "venv/lib/python3.11/site-packages"
    kept = [
        *("package/module.py", "package/module.so", "package/lib.so.1", "package/testing.py"),
        *("babel/locale-data/root.dat", "babel/locale-data/de_AT.dat"),
    ]
    dropped = [
        *("package/tests/data.so", "package/tests/test_it.py", "package/module.pyx"),
        *("babel/locale-data/sw.dat", "babel/locale-data/eo_001.dat"),
    ]
    for name in kept + dropped:
        (packages / name).parent.mkdir(parents=True, exist_ok=True)
        (packages / name).touch()
    slim.main(tmp_path / "venv")
    left = {str(one.relative_to(packages)) for one in packages.rglob("*") if one.is_file()}
    assert left == set(kept)
    stripped = (tmp_path / "stripped").read_text().splitlines()
    assert {Path(one).name for one in stripped} == {"module.so", "lib.so.1"}
