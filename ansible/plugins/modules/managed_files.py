#!/usr/bin/python
"""Ansible module: writes several text files in one round trip."""

from __future__ import annotations

DOCUMENTATION = """
module: managed_files
short_description: Put several text files in place in one round trip
description:
    - What M(ansible.builtin.template) does in two round trips a file, for all files of a role in
      one. On a host that needs no change, that is most of a role's time.
    - Directories above a file are made as needed. Files belong to root.
    - Not for secrets, since the arguments show in verbose output.
options:
    only_files_in:
        type: list
        elements: path
        default: []
        description: Directories in which other regular files are removed, but no subdirectories.
    files:
        type: list
        elements: dict
        required: true
        description: The files.
        suboptions:
            path: {type: path, required: true, description: Where it lies.}
            content:
                type: str
                required: true
                description: What is in it. A missing newline at the end is added.
            mode: {type: str, default: "0644", description: Its permissions, octal.}
            validate:
                type: str
                description: A command that must accept the file, with %s for its path.
"""

RETURN = """
changed_paths:
    description: The files that were (in check mode, would be) written or removed.
    type: list
    elements: str
    returned: always
"""

import os
import shlex
import tempfile
from typing import Any

from ansible.module_utils.basic import AnsibleModule


def read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return None


def write(module: AnsibleModule, wanted: dict[str, Any]) -> None:
    """Write the file atomically and durably."""
    os.makedirs(os.path.dirname(wanted["path"]), mode=0o755, exist_ok=True)
    # On the same file system, where a rename is atomic.
    descriptor, draft = tempfile.mkstemp(dir=os.path.dirname(wanted["path"]), prefix=".ansible-")
    module.add_cleanup_file(draft)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(wanted["content"])
        file.flush()
        os.fsync(file.fileno())
    if wanted["validate"]:
        command = [part.replace("%s", draft) for part in shlex.split(wanted["validate"])]
        code, output, errors = module.run_command(command)
        if code != 0:
            module.fail_json(msg=f"{wanted['path']} would be wrong: {errors or output}".strip())
    module.atomic_move(draft, wanted["path"])
    # The directory has the new name.
    module.run_command(["sync", os.path.dirname(wanted["path"])], check_rc=True)


def put(module: AnsibleModule, wanted: dict[str, Any]) -> dict[str, str] | None:
    """Write one file; returns the difference, or None if it is unchanged."""
    path = wanted["path"]
    before = read(path)
    if before != wanted["content"]:
        if not module.check_mode:
            write(module, wanted)
        difference = {"before": before or "", "after": wanted["content"]}
    else:
        difference = {}
    if os.path.exists(path):
        is_other = module.set_mode_if_different(path, wanted["mode"], changed=False)
        is_other = module.set_owner_if_different(path, "root", changed=is_other)
        is_other = module.set_group_if_different(path, "root", changed=is_other)
        if is_other and not difference:
            difference = {"before": "", "after": f"mode {wanted['mode']}, owner root\n"}
    return difference | {"before_header": path, "after_header": path} if difference else None


def others(directories: list[str], paths: set[str]) -> list[str]:
    """The regular files of the directories that are not among `paths`."""
    return [
        entry.path
        for directory in directories
        if os.path.isdir(directory)
        for entry in os.scandir(directory)
        if entry.is_file(follow_symlinks=False) and entry.path not in paths
    ]


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "files": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "path": {"type": "path", "required": True},
                    "content": {"type": "str", "required": True},
                    "mode": {"type": "str", "default": "0644"},
                    "validate": {"type": "str"},
                },
            },
            "only_files_in": {"type": "list", "elements": "path", "default": []},
        },
        supports_check_mode=True,
    )
    os.umask(0o022)
    differences = {}
    for wanted in module.params["files"]:
        wanted["content"] = wanted["content"].rstrip("\n") + "\n" if wanted["content"] else ""
        differences[wanted["path"]] = put(module, wanted)
    for path in others(module.params["only_files_in"], set(differences)):
        differences[path] = {"before": read(path) or "", "after": "", "before_header": path}
        if not module.check_mode:
            os.unlink(path)
    changes = {path: difference for path, difference in differences.items() if difference}
    module.exit_json(
        changed=bool(changes), changed_paths=list(changes), diff=list(changes.values())
    )


if __name__ == "__main__":
    main()
