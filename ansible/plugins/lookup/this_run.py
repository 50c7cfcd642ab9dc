"""Describes the run of this control node: who, which playbook, with which options."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
import time
from pathlib import Path
from typing import Any

import yaml
from ansible.utils.vars import load_extra_vars

from ansible import context  # type: ignore[attr-defined]
from ansible.plugins.lookup import LookupBase  # type: ignore[attr-defined]

DOCUMENTATION = """
    name: this_run
    short_description: who runs which playbook with which options
    description:
        - Returns one dictionary, with C(id), C(by), C(process), C(play) and C(options).
        - The value of a variable is part of C(options) only if a role's argument_specs has the
          variable and neither its name nor vars/secret_specs.yml says that it holds a secret.
"""

ANSIBLE = Path(__file__).resolve().parents[2]
HIDDEN = "(not shown)"
SECRET = re.compile("password|token|secret|key|url|environment|command|mirror|settings", re.I)
MAX_VALUE = 100
MAX_VARIABLES = 20


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        given = context.CLIARGS
        options = {name: flat(given.get(name)) for name in ("tags", "skip_tags", "subset")}
        options["start_at_task"] = given.get("start_at_task") or ""
        if options["tags"] == "all":
            options["tags"] = ""
        options |= shown(extra_variables(self._loader))
        by = f"{getpass.getuser()}@{platform.node()}"
        # Lookups run in a worker, whose parent is the run itself.
        process = os.getppid()
        return [
            {
                "id": f"{by}:{process}:{time.time():.0f}",
                "by": by,
                "process": process,
                "play": ", ".join(Path(str(one)).name for one in given.get("args") or ()),
                "options": {name: value for name, value in options.items() if value},
            }
        ]


def extra_variables(loader: Any) -> dict[str, Any]:
    """The variables of -e."""
    found: dict[str, Any] = dict(load_extra_vars(loader))
    return {name: value for name, value in found.items() if name != "ansible_version"}


def shown(variables: dict[str, Any]) -> dict[str, str]:
    """The variables as they are written down, without values that could be secrets."""
    public = public_names() if variables else set()
    told = {}
    for name, value in list(variables.items())[:MAX_VARIABLES]:
        text = json.dumps(value, default=str)
        told[str(name)[:MAX_VALUE]] = text[:MAX_VALUE] if name in public else HIDDEN
    return told


def public_names() -> set[str]:
    """The variables of roles that hold no secret."""
    secrets = yaml.safe_load((ANSIBLE / "vars/secret_specs.yml").read_text())["secret_specs"]
    names = {
        name
        for file in ANSIBLE.glob("roles/*/meta/argument_specs.yml")
        for entry in yaml.safe_load(file.read_text())["argument_specs"].values()
        for name in entry["options"]
    }
    return {name for name in names - set(secrets) if not SECRET.search(name)}


def flat(value: Any) -> str:
    return value if isinstance(value, str) else ",".join(value or ())
