"""Atomic replacement of text files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

READABLE = 0o644


def replace_file(path: Path, content: str) -> None:
    """Replace a file durably; a concurrent reader gets the old or the new content.

    Raises:
        OSError: the folder is not writable; the old file is unchanged.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(READABLE)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
