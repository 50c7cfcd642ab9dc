"""Programs that the machine must have; root on Debian or Ubuntu installs missing ones."""

from __future__ import annotations

import os
import shutil

from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.workspace import LabError

# program → package
NEEDED = {"git": "git", "ssh": "openssh-client", "ssh-keygen": "openssh-client"}
INSTALL_SECONDS = 600


def ensure_programs() -> None:
    """Install missing programs.

    Raises:
        LabError: that needs root, or another package manager.
    """
    missing = sorted({NEEDED[name] for name in NEEDED if not shutil.which(name)})
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise LabError(f"Install first: {', '.join(missing)}.")
    print(f"Installing {', '.join(missing)} ...", flush=True)
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *missing)
    quietly = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run(*install, timeout=INSTALL_SECONDS, environment=quietly)
    except ProgramFailedError:  # a fresh machine may lack the package lists
        run("apt-get", "update", timeout=INSTALL_SECONDS)
        run(*install, timeout=INSTALL_SECONDS, environment=quietly)
