"""`python -m rehearsal`: the production path on one machine. See docs/rehearsal.md."""

from __future__ import annotations

import argparse
import os
import shlex
import sys

from rehearsal.lab import lab
from rehearsal.lab.aws import make_bucket
from rehearsal.lab.engine import find_docker
from rehearsal.lab.host import NAME, Host, find_host, remove_host
from rehearsal.lab.images import SYSTEM, WITHOUT_ROLE
from rehearsal.lab.inventory import BUCKET, write_inventory
from rehearsal.lab.remote import is_remote
from rehearsal.lab.secrets import bucket_key, write_secrets
from rehearsal.lab.services import running_external_services
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.run import RunOptions, exit_code, rehearse
from rehearsal.stage import ChaosOptions
from rehearsal.steps import STEPS


def main() -> int:
    arguments = _parse()
    return exit_code(lambda: int(arguments.act(Workspace(), arguments) or 0))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    actions = parser.add_subparsers(required=True, metavar="action")
    whole = actions.add_parser("run", help="run the rehearsal and write its reports")
    names = ", ".join(step.name for step in STEPS)
    whole.add_argument("--steps", default="", help=f"some of {names}, separated by commas")
    whole.add_argument("--keep", action="store_true", help="keep the host at the end")
    whole.add_argument("--again", action="store_true", help="continue with a host that was kept")
    whole.add_argument(
        "--host",
        default=os.environ.get("HOST") or lab.CONTAINER,
        help="container, vm, or ssh://user@address; also from the environment's HOST (%(default)s)",
    )
    whole.add_argument(
        "--system",
        default=os.environ.get("SYSTEM") or SYSTEM,
        help="of a container as host; also from the environment's SYSTEM (%(default)s)",
    )
    whole.add_argument(
        "--patience",
        type=float,
        default=float(os.environ.get("PATIENCE") or 1),
        help="allow this many times the promised durations, on a slow or busy machine;"
        " also from the environment's PATIENCE",
    )
    for name, says in (
        ("seed", "what the step chaos draws its faults from"),
        ("faults", "how many faults the step chaos injects"),
        ("minutes", "after how many minutes the step chaos begins no further fault"),
        ("first", "the number of the first fault to inject, to replay it or to go on from there"),
    ):
        whole.add_argument(
            f"--{name}",
            type=int,
            default=int(os.environ.get(name.upper()) or getattr(ChaosOptions(), name)),
            help=f"{says}; also from the environment's {name.upper()} (%(default)s)",
        )
    whole.add_argument(
        "--cuts",
        default=os.environ.get("CUTS") or "",
        help="which runs the step cut interrupts: some of update, rollback, restore, recovery,"
        " separated by commas; also from the environment's CUTS (all)",
    )
    whole.set_defaults(act=_run)
    host = actions.add_parser("host", help="a bare host to try playbooks on")
    verbs = host.add_subparsers(required=True, metavar="verb")
    for verb, act, says in (
        ("up", _host_up, "start a fresh host and its surroundings"),
        ("status", _host_status, "show how to reach it"),
        ("ssh", _host_ssh, "log in, or run a command on it as root"),
        ("remove", _host_remove, "remove it, but keep its surroundings"),
        ("down", _host_down, "remove all hosts and their surroundings"),
    ):
        one = verbs.add_parser(verb, help=says)
        one.set_defaults(act=act)
        one.add_argument("--name", default=NAME, help="the host's name")
        if verb == "up":
            one.add_argument(
                "--system", default=SYSTEM, help=f"such as debian:12; {SYSTEM} if not given"
            )
        if verb == "ssh":
            one.add_argument("command", nargs=argparse.REMAINDER)
    return parser.parse_args()


def _run(workspace: Workspace, arguments: argparse.Namespace) -> int:
    names = [name for name in arguments.steps.split(",") if name]
    if arguments.host not in {lab.CONTAINER, lab.VIRTUAL} and not is_remote(arguments.host):
        raise LabError(f"HOST is container, vm or ssh://user@address, not {arguments.host}.")
    chaos = ChaosOptions(arguments.seed, arguments.first, arguments.faults, arguments.minutes)
    options = RunOptions(
        steps=names,
        keep=arguments.keep,
        again=arguments.again,
        host=arguments.host,
        system=arguments.system,
        patience=arguments.patience,
        chaos=chaos,
        cuts=tuple(name for name in arguments.cuts.split(",") if name),
    )
    return 0 if rehearse(workspace, options).kept else 1


def _host_up(workspace: Workspace, arguments: argparse.Namespace) -> None:
    place = lab.up(workspace)
    host = place.new_host(arguments.name, arguments.system)
    make_bucket(place.outside, BUCKET)
    write_secrets(workspace, **bucket_key(wanted=arguments.system in WITHOUT_ROLE))
    write_inventory(workspace, host, place.for_host, BUCKET, arguments.name)
    _host_status(workspace, arguments)


def _host_status(workspace: Workspace, arguments: argparse.Namespace) -> None:
    host = _host(workspace, arguments.name)
    outside = running_external_services(workspace)
    telegram = outside.telegram if outside else "gone"
    inventory = workspace.inventory.with_stem(arguments.name)
    print(f"""
The host is up. Log in:       {shlex.join(host.login())}
Play, from ansible/:          HNPAL_SECRETS_FILE={workspace.run}/secrets \\
                              HNPAL_VAULT_PASSWORD_FILE={workspace.run}/vault-password \\
                              .venv/bin/ansible-playbook -i {inventory} site.yml
Telegram, with a chat page:   http://{telegram}
The code is deployed from:    git push {workspace.run}/git/hnpal.git HEAD:main
Logs of what is around it:    {workspace.logs}
""")


def _host_ssh(workspace: Workspace, arguments: argparse.Namespace) -> None:
    host = _host(workspace, arguments.name)
    words = " ".join(arguments.command)
    command = [f"sudo sh -c {shlex.quote(words)}"] if words else []
    os.execvp("ssh", [*host.login(), *command])  # noqa: S606 - no shell is wanted


def _host(workspace: Workspace, name: str) -> Host:
    docker = find_docker(workspace)
    if docker is None:
        raise LabError("There is no host; `python -m rehearsal host up` starts one.")
    return find_host(docker, workspace, name)


def _host_remove(workspace: Workspace, arguments: argparse.Namespace) -> None:
    docker = find_docker(workspace)
    if docker is not None:
        remove_host(docker, arguments.name)


def _host_down(workspace: Workspace, arguments: argparse.Namespace) -> None:
    lab.down(workspace)


if __name__ == "__main__":
    sys.exit(main())
