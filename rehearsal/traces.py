"""Compares the machine before and after a rehearsal, to find anything left behind."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.workspace import Workspace

SYSTEM_SETTINGS = Path("/proc/sys")
# Settings that change by themselves.
RESTLESS = (
    "fs/aio-nr",
    "fs/dentry-state",
    "fs/file-nr",
    "fs/inode-nr",
    "fs/inode-state",
    "fs/quota/",
    "kernel/ns_last_pid",
    "kernel/perf_",
    "kernel/pty/nr",
    "kernel/random",
    "kernel/tainted",
    "net/netfilter/nf_conntrack_count",
)
# Where programs install themselves permanently.
FOLDERS = (Path("/etc"), Path("/usr/local"))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The parts of the machine's state that a rehearsal could change."""

    settings: Mapping[str, str]
    """The kernel's (sysctl), by name."""
    packet_filter: Collection[str]
    files: Collection[tuple[str, float]]
    """Name and modification time, in seconds since the epoch, of everything in `FOLDERS`."""


def take_snapshot() -> Snapshot:
    return Snapshot(_settings(), _packet_filter(), _files())


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Descriptions of the differences."""
    both = before.settings.keys() & after.settings.keys()
    return [
        *(
            f"sysctl {name}: {before.settings[name]!r}, now {after.settings[name]!r}"
            for name in sorted(both)
            if before.settings[name] != after.settings[name]
        ),
        *(
            f"packet filter, gone: {rule}"
            for rule in set(before.packet_filter) - set(after.packet_filter)
        ),
        *(
            f"packet filter, new: {rule}"
            for rule in set(after.packet_filter) - set(before.packet_filter)
        ),
        *sorted({f"file {name}" for name, _ in set(before.files) ^ set(after.files)}),
    ]


def leftovers(workspace: Workspace, marks: Collection[str]) -> list[str]:
    """The leftovers of this rehearsal; `marks` are names that only it uses.

    Checks interfaces, routes, mounts, loop devices, control groups and processes.
    """
    mine = (str(workspace.directory), *marks)
    texts = {
        "interface": [one.name for one in Path("/sys/class/net").iterdir()],
        "mount": Path("/proc/self/mountinfo").read_text().splitlines(),
        "loop device": [
            one.read_text().strip() for one in Path("/sys/block").glob("loop*/loop/backing_file")
        ],
        "control group": [str(one) for one in Path("/sys/fs/cgroup").glob("**/")],
        "process": [
            " ".join(process.info["cmdline"] or [])
            for process in psutil.process_iter(["cmdline"])
            if process.pid != psutil.Process().pid
        ],
        "temporary file": [str(one) for one in Path("/tmp").iterdir()],  # noqa: S108 - only listed
    }
    return [
        f"{kind} {text}"
        for kind, found in texts.items()
        for text in found
        if any(mark in text for mark in mine)
    ]


def _settings() -> dict[str, str]:
    found = {}
    for file in SYSTEM_SETTINGS.rglob("*"):
        name = str(file.relative_to(SYSTEM_SETTINGS))
        if not name.startswith(RESTLESS):
            try:
                found[name] = file.read_text()
            except OSError:  # folders, and files that are not readable
                continue
    return found


def _packet_filter() -> list[str]:
    program = shutil.which("iptables-save")
    try:
        rules = run(program, timeout=30) if program else ""
    except ProgramFailedError:  # only root may read it
        return []
    # Comments contain times, chains contain counters.
    return [line.split(" [")[0] for line in rules.splitlines() if not line.startswith("#")]


def _files() -> list[tuple[str, float]]:
    found = []
    for folder in FOLDERS:
        for file in folder.rglob("*"):
            try:
                found.append((str(file), file.lstat().st_mtime))
            except OSError:
                continue
    return found
