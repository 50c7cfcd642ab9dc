from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from modules import run_module

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to root")


def put(*files: dict[str, Any], check: bool = False, **more: Any) -> dict[str, Any]:
    return run_module("plugins/modules/managed_files.py", files=list(files), check=check, **more)


def test_files_and_their_directories_are_made_once(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.conf"
    wanted = {"path": str(path), "content": "one\ntwo", "mode": "0600"}
    first = put(wanted)
    assert first["changed_paths"] == [str(path)]
    assert path.read_text() == "one\ntwo\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert put(wanted) == {**first, "changed": False, "changed_paths": [], "diff": []}


def test_check_mode_shows_the_difference_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("old\n")
    said = put({"path": str(path), "content": "new"}, check=True)
    assert said["changed"] is True
    assert [(one["before"], one["after"]) for one in said["diff"]] == [("old\n", "new\n")]
    assert path.read_text() == "old\n"


def test_only_changed_files_are_reported(tmp_path: Path) -> None:
    files = [{"path": str(tmp_path / name), "content": name} for name in ("a", "b")]
    put(*files)
    (tmp_path / "b").write_text("edited by hand\n")
    assert put(*files)["changed_paths"] == [str(tmp_path / "b")]
    assert (tmp_path / "b").read_text() == "b\n"


def test_another_mode_is_a_change(tmp_path: Path) -> None:
    wanted = {"path": str(tmp_path / "a"), "content": "a"}
    put(wanted)
    (tmp_path / "a").chmod(0o666)
    assert put(wanted)["changed"] is True
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o644


def test_a_file_that_fails_validation_is_not_installed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("good\n")
    said = put({"path": str(path), "content": "bad", "validate": "grep -q good %s"})
    assert said["failed"] is True
    assert str(path) in said["msg"]
    assert path.read_text() == "good\n"


def test_files_of_an_earlier_version_are_removed(tmp_path: Path) -> None:
    package, unread = tmp_path / "package", tmp_path / "b.py"
    kept, gone, cache = package / "a.py", package / "b.py", package / "__pycache__" / "b.pyc"
    cache.parent.mkdir(parents=True)
    for path in (gone, cache, unread):
        path.write_text("old\n")
    wanted = {"path": str(kept), "content": "a"}
    folders = [str(package), str(tmp_path / "none")]
    checked = put(wanted, only_files_in=folders, check=True)
    assert checked["changed_paths"] == [str(kept), str(gone)]
    assert gone.exists()
    assert put(wanted, only_files_in=folders)["changed_paths"] == [str(kept), str(gone)]
    assert not gone.exists()
    assert cache.exists() and unread.exists()
    assert put(wanted, only_files_in=folders)["changed"] is False
