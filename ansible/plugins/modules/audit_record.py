#!/usr/bin/python
"""Ansible module: append to the host's record of runs."""

from __future__ import annotations

DOCUMENTATION = """
module: audit_record
short_description: Append the beginning or the end of a run to the host's record
description:
    - Each event is one line of JSON, and is on the disk when the module returns. Lines are never
      changed; when the file is full, it becomes C(<path>.1), which replaces the one before.
    - A run that has a beginning and no end was cut off, or is still at work.
    - In check mode nothing is written.
options:
    path: {type: path, required: true, description: The record.}
    event:
        type: str
        choices: [begun, ended]
        required: true
        description: What to append.
    run: {type: dict, required: true, description: What is written of the run.}
    container: {type: str, required: true, description: The container whose commit is written.}
    max_bytes: {type: int, default: 262144, description: The size at which the file is full.}
"""

import datetime
import fcntl
import json
import os
import subprocess
from typing import Any, BinaryIO

from ansible.module_utils.basic import AnsibleModule

DOCKER_SECONDS = 10
COMMIT = '{{ index .Config.Labels "hnpal.commit" }}'


def running_commit(container: str) -> str:
    """The commit that the container runs; empty if that is unknown."""
    command = ["docker", "inspect", "--format", COMMIT, container]
    try:
        done = subprocess.run(command, capture_output=True, timeout=DOCKER_SECONDS, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace").strip()


def open_locked(path: str) -> BinaryIO:
    """The record, locked against other writers, which may have replaced it meanwhile."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        file = os.fdopen(descriptor, "r+b", buffering=0)
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.stat(path), os.fstat(descriptor)):
                return file
        except FileNotFoundError:
            pass
        file.close()


def append(path: str, event: dict[str, Any], max_bytes: int) -> None:
    """Append an event durably."""
    line = json.dumps(event, sort_keys=True).encode() + b"\n"
    with open_locked(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > 0 and size + len(line) > max_bytes:
            os.rename(path, f"{path}.1")
            with open_locked(path) as new:
                write(new, line)
        else:
            # A write that a power cut has ended must not damage the next one.
            torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
            write(file, b"\n" + line if torn else line)
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write(file: BinaryIO, line: bytes) -> None:
    file.write(line)
    os.fsync(file.fileno())


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "event": {"choices": ["begun", "ended"], "required": True},
            "run": {"type": "dict", "required": True},
            "container": {"type": "str", "required": True},
            "max_bytes": {"type": "int", "default": 262144},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    if not module.check_mode:
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
        commit = running_commit(wanted["container"])
        event = {**wanted["run"], "event": wanted["event"], "at": now, "commit": commit}
        try:
            append(wanted["path"], event, wanted["max_bytes"])
        except OSError as error:
            # A full disk must not stop the play that is to repair it.
            module.warn(f"This run is not recorded: {wanted['path']}: {error.strerror}")
    # A line about the run does not count as a change to the host.
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
