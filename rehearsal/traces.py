"""What a rehearsal could leave behind on the machine, and taking it back."""

from __future__ import annotations

from pathlib import Path

SYSTEM_SETTINGS = Path("/proc/sys")
# They count or move by themselves.
RESTLESS = ("fs/dentry-state", "fs/file-nr", "fs/inode-nr", "fs/inode-state", "kernel/random")
"""Settings below these names are no trace of anybody."""


def settings() -> dict[str, str]:
    """The kernel's settings (sysctl) that this process can read."""
    found = {}
    for file in SYSTEM_SETTINGS.rglob("*"):
        name = str(file.relative_to(SYSTEM_SETTINGS))
        if file.is_file() and not name.startswith(RESTLESS):
            try:
                found[name] = file.read_text()
            except OSError:  # some can only be written
                continue
    return found
