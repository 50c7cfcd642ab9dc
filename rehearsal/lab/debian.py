"""Installs Debian systems from a package mirror, on a machine with `apt`."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.workspace import LabError, Workspace

UNPACK_SECONDS = 900
SOURCES = """\
deb http://deb.debian.org/debian {suite} main
deb http://deb.debian.org/debian {suite}-updates main
deb http://deb.debian.org/debian-security {suite}-security main
"""


def unpack(workspace: Workspace, suite: str, packages: Sequence[str], target: Path) -> None:
    """Install a minimal Debian with `packages` at `target`, a folder or an archive named `*.tar`.

    An existing target is kept. Needs root.
    """
    if target.exists():
        return
    unfinished = target.with_name(f"unfinished-{target.name}")
    if unfinished.is_dir():
        shutil.rmtree(unfinished)
    print(f"  unpacking Debian {suite} into {target.name} ...", flush=True)
    run(
        *_mmdebstrap(workspace),
        "--variant=minbase",
        *(["--include=" + ",".join(packages)] if packages else []),
        suite,
        unfinished,
        "-",
        timeout=UNPACK_SECONDS,
        text=SOURCES.format(suite=suite),
    )
    unfinished.rename(target)


def _mmdebstrap(workspace: Workspace) -> list[str | Path]:
    installed = shutil.which("mmdebstrap")
    if installed:
        return [installed]
    if not shutil.which("apt-get"):
        raise LabError("A private Docker Engine needs Debian or Ubuntu. Install Docker instead.")
    folder = workspace.cache / "mmdebstrap"
    program = folder / "usr/bin/mmdebstrap"
    if not program.exists():
        folder.mkdir(exist_ok=True)
        try:
            run("apt-get", "download", "mmdebstrap", timeout=120, directory=folder)
        except ProgramFailedError:  # a fresh machine may lack the package lists
            run("apt-get", "update", timeout=300)
            run("apt-get", "download", "mmdebstrap", timeout=120, directory=folder)
        package = next(folder.glob("*.deb"))
        run("dpkg", "-x", package, folder, timeout=60)
    return ["perl", program]
