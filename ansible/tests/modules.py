"""Runs the repository's Ansible modules as on a host: as programs that read arguments."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ANSIBLE = Path(__file__).resolve().parents[1]


def run_module(module: str, /, *, check: bool = False, **arguments: Any) -> dict[str, Any]:
    """Run a module of this repository on this machine and return its result."""
    given = {"ANSIBLE_MODULE_ARGS": {"_ansible_check_mode": check, **arguments}}
    done = subprocess.run(
        [sys.executable, ANSIBLE / module],
        input=json.dumps(given), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said
