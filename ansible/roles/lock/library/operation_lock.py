#!/usr/bin/python
"""Ansible module: let one operator at a time work on a host."""

from __future__ import annotations

DOCUMENTATION = """
module: operation_lock
short_description: Let one operator at a time work on a host
description:
    - Takes or gives back a lock file that says who holds it, for what and since when.
    - Taking a lock that one already holds renews it. A lock that has expired, or whose holder is
      known to be dead, is taken over; one that cannot be read counts as free, with a warning.
    - An expired lock is still held while a task of another run is at work on the host. What a dead
      run has left at work is waited for.
    - In check mode nothing is written; a lock held by another is still reported.
options:
    path: {type: path, required: true, description: The lock file.}
    state:
        type: str
        choices: [present, absent]
        default: present
        description: Take it or give it back.
    who: {type: str, required: true, description: The operator, as user@machine.}
    process: {type: int, required: true, description: The process id of the run on its machine.}
    what: {type: str, default: "", description: What the run does, for the others to read.}
    expires_after: {type: int, default: 30, description: Minutes until a lock left behind ends.}
    wait: {type: int, default: 60, description: Seconds to wait for what a dead run left at work.}
    living:
        type: list
        elements: int
        description: >-
            Process ids of the runs alive on the operator's machine. A lock of the same operator
            whose process is not among them was left by a dead run.
"""

RETURN = """
holder:
    description: Who holds the lock now; empty when it is free.
    type: dict
    returned: always
taken_from:
    description: Whose dead or expired lock was taken over.
    type: dict
    returned: when there was one
"""

import datetime
import fcntl
import json
import os
import time
from typing import Any, TextIO

from ansible.module_utils.basic import AnsibleModule

Holder = dict[str, Any]


TEXTS = ("who", "what", "since", "expires")
# Part of the command line of every task for which Ansible becomes root.
MARK = b"BECOME-SUCCESS"
PAUSE_SECONDS = 0.5


class DamagedError(Exception):
    """The lock file's content is not a holder."""


def read_holder(lock_file: TextIO) -> Holder:
    """The holder of the lock; empty if nobody holds it.

    Raises:
        DamagedError: the file is damaged.
    """
    lock_file.seek(0)
    content = lock_file.read().strip()
    if not content:
        return {}
    try:
        # An interrupted write leaves the end of an older, longer content.
        holder, _ = json.JSONDecoder().raw_decode(content)
    except ValueError:
        raise DamagedError from None
    if holder == {}:
        return {}
    if not isinstance(holder, dict) or not isinstance(holder.get("process"), int):
        raise DamagedError
    if not all(isinstance(holder.get(name), str) for name in TEXTS):
        raise DamagedError
    try:
        has_zone = datetime.datetime.fromisoformat(holder["expires"]).tzinfo is not None
    except ValueError:
        raise DamagedError from None
    if not has_zone:
        raise DamagedError
    return holder


def write_holder(lock_file: TextIO, holder: Holder) -> None:
    lock_file.seek(0)
    lock_file.write(json.dumps(holder))
    lock_file.flush()
    lock_file.truncate()


def is_over(holder: Holder, who: str, living: list[int], now: datetime.datetime) -> bool:
    """Whether the holder's run has certainly ended."""
    if holder["who"] == who and holder["process"] not in living:
        return True
    has_expired = datetime.datetime.fromisoformat(holder["expires"]) <= now
    return has_expired and not tasks_at_work()


def tasks_at_work() -> list[int]:
    """The processes of other runs' tasks on this host."""
    namespace = os.readlink("/proc/self/ns/pid")
    mine = ancestors()
    return [
        int(process)
        for process in os.listdir("/proc")
        if process.isdigit() and int(process) not in mine and is_task(process, namespace)
    ]


def is_task(process: str, namespace: str) -> bool:
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
        return (
            os.path.basename(words[0]) == b"sudo"
            and any(MARK in word for word in words)
            and os.readlink(f"/proc/{process}/ns/pid") == namespace
        )
    except OSError:  # the process has ended
        return False


def ancestors() -> set[int]:
    """This process and its ancestors."""
    found, process = set(), os.getpid()
    while process > 1:
        found.add(process)
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            process = int(file.read().rpartition(")")[2].split()[1])
    return found


def wait_for_tasks(seconds: float) -> list[int]:
    """Wait until no other run has a task running on this host; returns those that remain."""
    deadline = time.monotonic() + seconds
    while (left := tasks_at_work()) and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return left


def refusal(holder: Holder, path: str) -> str:
    return (
        f"{holder['who']} holds the lock for {holder['what']} since {holder['since']} "
        f"(process {holder['process']} there). Wait for that run to end. "
        f"If it is dead, its lock ends by itself at {holder['expires']}, "
        f"or at once with: sudo rm {path}"
    )


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "path": {"type": "path", "required": True},
            "state": {"choices": ["present", "absent"], "default": "present"},
            "who": {"type": "str", "required": True},
            "process": {"type": "int", "required": True},
            "what": {"type": "str", "default": ""},
            "expires_after": {"type": "int", "default": 30},
            "wait": {"type": "int", "default": 60},
            "living": {"type": "list", "elements": "int", "default": []},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    path = wanted["path"]
    if not os.path.exists(path) and (module.check_mode or wanted["state"] == "absent"):
        module.exit_json(changed=False, holder={})

    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    # The file is never removed, so the flock on it always guards the same inode.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        try:
            holder = read_holder(lock_file)
        except DamagedError:
            module.warn(f"{path} is damaged: nobody can tell who held the lock. It counts as free.")
            holder = {}
        is_ours = bool(holder) and (holder["who"], holder["process"]) == (
            wanted["who"],
            wanted["process"],
        )

        if wanted["state"] == "absent":
            if is_ours and not module.check_mode:
                write_holder(lock_file, {})
            module.exit_json(changed=False, holder={} if is_ours else holder)

        taken_from = None
        if holder and not is_ours:
            if not is_over(holder, wanted["who"], wanted["living"], now):
                module.fail_json(msg=refusal(holder, path), holder=holder)
            taken_from = holder
            if not module.check_mode and (left := wait_for_tasks(wanted["wait"])):
                module.warn(
                    f"The run of {holder['who']} is over, and has left something at work on this "
                    f"host (processes {', '.join(map(str, left))})."
                )
        new_holder = {
            "who": wanted["who"],
            "process": wanted["process"],
            "what": wanted["what"],
            "since": holder["since"] if is_ours else now.isoformat(),
            "expires": (now + datetime.timedelta(minutes=wanted["expires_after"])).isoformat(),
        }
        if not module.check_mode:
            write_holder(lock_file, new_holder)
        # A lock does not count as a change to the host.
        module.exit_json(changed=False, holder=new_holder, taken_from=taken_from)


if __name__ == "__main__":
    main()
