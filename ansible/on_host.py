"""`make logs`, `make console` and `make maintenance`: a program on the host, in this terminal.

    python on_host.py logs
    python on_host.py console [psql|python|shell]
    python on_host.py maintenance [on|off|show] [--for 2h]

Outside a terminal a console takes its input from a file or a pipe, and psql ends with the first
error.

The host is the one of the inventory (ANSIBLE_INVENTORY, or production's); HOST names one of
several. It is reached as Ansible reaches it: address, user, port and key are the inventory's.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import platform
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
GROUP = "hnpal"
PROGRAMS = {
    "logs": "docker logs --tail 100 --follow hnpal-app",
    # As the app's role, which cannot change the schema by accident.
    "psql": "docker exec {} hnpal-postgres psql --username=hn_pal_app --dbname=hn_pal",
    "python": "docker exec {} hnpal-app python",
    "shell": "docker exec {} hnpal-app sh",
}
STOP_AT_ERRORS = "--no-psqlrc --set=ON_ERROR_STOP=1"
SET_MAINTENANCE = "docker exec hnpal-app python -m app.set_maintenance"


def main() -> int:
    parser = argparse.ArgumentParser(prog="on_host.py", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("logs")
    console = what.add_parser("console")
    console.add_argument("program", nargs="?", default="psql", choices=["psql", "python", "shell"])
    maintenance = what.add_parser("maintenance")
    maintenance.add_argument("action", nargs="?", default="show", choices=["on", "off", "show"])
    maintenance.add_argument("--for", dest="length", default="")
    arguments = parser.parse_args()
    in_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if arguments.what == "maintenance":
        program = set_maintenance(arguments.action, arguments.length)
    else:
        name = "logs" if arguments.what == "logs" else arguments.program
        program = PROGRAMS[name].format("-it" if in_terminal else "-i")
        if name == "psql" and not in_terminal:
            program += f" {STOP_AT_ERRORS}"
    command = ssh_command(variables(os.environ.get("HOST", "")), program, in_terminal)
    return subprocess.run(command, check=False).returncode


def set_maintenance(action: str, length: str) -> str:
    """The command that begins, ends or shows maintenance, with the operator's name."""
    words = [*SET_MAINTENANCE.split(), action]
    if action == "on":
        words += ["--by", f"{getpass.getuser()}@{platform.node()}"]
        words += ["--for", length] if length else []
    return shlex.join(words)


def variables(wanted: str) -> dict[str, Any]:
    """What the inventory says of the host.

    Raises:
        SystemExit: when there is no such host, or more than one and none is named.
    """
    ansible_inventory = Path(sys.executable).with_name("ansible-inventory")
    listed = subprocess.run(
        [str(ansible_inventory), "--list"], cwd=HERE, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        raise SystemExit(listed.stderr.strip())
    content = json.loads(listed.stdout)
    hosts = content.get(GROUP, {}).get("hosts", [])
    if not hosts or (wanted and wanted not in hosts):
        what = wanted or f"in the group {GROUP}"
        raise SystemExit(
            f"There is no host {what}. Known: {', '.join(hosts) or 'none'}."
            " On AWS, log in first; elsewhere: export ANSIBLE_INVENTORY=../inventory/static.yml"
        )
    if len(hosts) > 1 and not wanted:
        raise SystemExit(f"Name one of {', '.join(hosts)}: HOST={hosts[0]}")
    name = wanted or hosts[0]
    found: dict[str, Any] = content["_meta"]["hostvars"].get(name, {})
    return {"ansible_host": name, **{key: plain(value) for key, value in found.items()}}


def plain(value: Any) -> Any:
    """Ansible marks what came from outside by wrapping it in an object."""
    return value["__ansible_unsafe"] if isinstance(value, dict) and len(value) == 1 else value


def ssh_command(host: dict[str, Any], program: str, in_terminal: bool) -> list[str]:
    user, key, port = (
        host.get(f"ansible_{name}") for name in ("user", "ssh_private_key_file", "port")
    )
    return [
        *("ssh", "-t" if in_terminal else "-T"),
        *(["-l", str(user)] if user else []),
        *(["-p", str(port)] if port else []),
        *(["-i", str(Path(key).expanduser())] if key else []),
        *shlex.split(str(host.get("ansible_ssh_common_args", ""))),
        *(str(host["ansible_host"]), "--", f"sudo {program}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
