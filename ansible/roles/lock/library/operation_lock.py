#!/usr/bin/python
"""Ansible module: let one operator at a time work on a host."""

from __future__ import annotations

DOCUMENTATION = """
module: operation_lock
short_description: Let one operator at a time work on a host
description:
    - Takes or gives back a lock file that says who holds it, for what and since when.
    - Taking a lock that one already holds renews it. A lock that has expired, or whose holder is
      known to be dead, is taken over.
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
from typing import Any, TextIO

from ansible.module_utils.basic import AnsibleModule

Holder = dict[str, Any]


def read_holder(lock_file: TextIO) -> Holder:
    """Who holds the lock; empty when nobody does."""
    lock_file.seek(0)
    content = lock_file.read()
    return json.loads(content) if content.strip() else {}


def write_holder(lock_file: TextIO, holder: Holder) -> None:
    lock_file.seek(0)
    lock_file.truncate()
    if holder:
        json.dump(holder, lock_file)
    lock_file.flush()


def is_over(holder: Holder, who: str, living: list[int], now: datetime.datetime) -> bool:
    """Whether the holder's run can be known to have ended."""
    if datetime.datetime.fromisoformat(holder["expires"]) <= now:
        return True
    return holder["who"] == who and holder["process"] not in living


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
            "living": {"type": "list", "elements": "int", "default": []},
        },
        supports_check_mode=True,
    )
    wanted = module.params
    path = wanted["path"]
    if not os.path.exists(path) and (module.check_mode or wanted["state"] == "absent"):
        module.exit_json(changed=False, holder={})

    now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    # The file is never removed by us, so the flock on it always guards the same inode.
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o644), "r+") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        holder = read_holder(lock_file)
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
        new_holder = {
            "who": wanted["who"],
            "process": wanted["process"],
            "what": wanted["what"],
            "since": holder["since"] if is_ours else now.isoformat(),
            "expires": (now + datetime.timedelta(minutes=wanted["expires_after"])).isoformat(),
        }
        if not module.check_mode:
            write_holder(lock_file, new_holder)
        # A lock is no change to the host: a run that changes nothing else reports none.
        module.exit_json(changed=False, holder=new_holder, taken_from=taken_from)


if __name__ == "__main__":
    main()
