"""What is logged when the stages start."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from app.pipeline import warn_of_folder


def test_a_folder_that_cannot_be_written_to_is_named_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    warn_of_folder(tmp_path / "new" / "data")
    assert not caplog.records
    assert list((tmp_path / "new" / "data").iterdir()) == []
    (tmp_path / "file").touch()
    for folder in Path("/proc/nope"), tmp_path / "file" / "data":
        caplog.clear()
        warn_of_folder(folder)
        (record,) = caplog.records
        assert record.levelno == logging.ERROR
        assert record.message.startswith("DATA_DIR cannot be written to")
        assert str(folder.parent) in record.message
