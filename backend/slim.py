"""Takes out of an installed environment what no container reads: `python slim.py .venv`.

These are debuggers' symbols, tests, sources of compiled modules, and the formats of languages that
nobody can choose.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from app.languages import SUMMARIES

SOURCES = (".c", ".h", ".pxd", ".pyi", ".pyx")
TESTS = ("test", "testing", "tests")


def main(environment: Path) -> None:
    (packages,) = environment.glob("lib/python*/site-packages")
    for path in sorted(packages.rglob("*")):
        if path.is_dir() and path.name in TESTS:
            shutil.rmtree(path)
        elif path.suffix in SOURCES:
            path.unlink(missing_ok=True)
    for formats in (packages / "babel/locale-data").iterdir():
        if formats.stem.partition("_")[0] not in {"root", *SUMMARIES}:
            formats.unlink()
    libraries = [path for path in packages.rglob("*.so*") if path.is_file()]
    strip = ["strip", "--strip-unneeded", *libraries]
    subprocess.run(strip, check=True)  # noqa: S603 - of this image


if __name__ == "__main__":
    main(Path(sys.argv[1]))
