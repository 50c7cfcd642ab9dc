"""A clock that can be set for particular processes only; it needs a C compiler."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = Path(__file__).with_name("wrong_clock.c")


class CompilerMissingError(Exception):
    """The machine has no C compiler."""


class WrongClock:
    """The clock of all processes started with `environment`; see `wrong_clock`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc")
        if compiler is None:
            raise CompilerMissingError("There is no C compiler `cc`; on Debian, install gcc.")
        library = folder / "wrong_clock.so"
        subprocess.run(
            [compiler, "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE)], check=True
        )
        self._file = folder / "wrong_clock"
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "WRONG_CLOCK": str(self._file)}

    @contextmanager
    def around(self) -> Iterator[None]:
        """Processes started inside the block use this clock."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name in self.environment.keys() - before.keys():
                del os.environ[name]
            os.environ.update(before)

    def set(self, seconds: int) -> None:
        """Shift the clock by `seconds`; negative values set it back."""
        with self._file.open("r+b" if self._file.exists() else "w+b") as file:
            file.write(struct.pack("=q", seconds))


@contextmanager
def wrong_clock() -> Iterator[WrongClock]:
    """Create a clock that is initially right.

    Raises:
        CompilerMissingError: there is no C compiler.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        yield WrongClock(Path(folder))
