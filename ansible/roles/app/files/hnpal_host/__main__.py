"""hnpal-host: the commands that the plays and the dead-man timer run on the host."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from hnpal_host import (
    clone,
    docker,
    images,
    leftovers,
    limits,
    record,
    recovery,
    roles,
    settings,
    signatures,
    upkeep,
)
from hnpal_host.config import HostConfig, read_config
from hnpal_host.failure import HostError

CONFIGURATION = Path("/etc/hnpal/host.json")
# What a run or somebody left: containers, a damaged image lock, git's locks.
TIDYING = (docker.unpause, images.repair, leftovers.remove)


def arm(config: HostConfig, arguments: argparse.Namespace) -> str:
    recovery.arm(config, arguments.seconds, arguments.reason)
    return ""


def disarm(config: HostConfig, arguments: argparse.Namespace) -> str:
    recovery.disarm(config)
    return ""


def recover(config: HostConfig, arguments: argparse.Namespace) -> str:
    return recovery.recover(config, after_boot=arguments.after_boot, by_a_play=arguments.by_a_play)


def add_record(config: HostConfig, arguments: argparse.Namespace) -> str:
    record.append(config.releases, json.load(sys.stdin))
    return ""


def keep_settings(config: HostConfig, arguments: argparse.Namespace) -> str:
    settings.copy(config.settings, config.good_settings)
    return ""


def return_settings(config: HostConfig, arguments: argparse.Namespace) -> str:
    settings.copy(config.good_settings, config.settings)
    return ""


def base(config: HostConfig, arguments: argparse.Namespace) -> str:
    return images.base(config)


def resolve(config: HostConfig, arguments: argparse.Namespace) -> str:
    given = json.loads(arguments.given)
    return json.dumps(images.resolve(config, arguments.services, given))


def pin(config: HostConfig, arguments: argparse.Namespace) -> str:
    images.pin(config, arguments.service, arguments.reference, arguments.by)
    return ""


def conclude_images(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(images.finish_upgrade(config))


def collations(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(upkeep.collations(config))


def keep_images(config: HostConfig, arguments: argparse.Namespace) -> str:
    images.confirm(config)
    return ""


def return_images(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "the images before are pinned again" if images.restore_previous(config) else ""


def show_upkeep(config: HostConfig, arguments: argparse.Namespace) -> str:
    facts = upkeep.gather(config)
    return upkeep.publish(config, facts) if arguments.publish else json.dumps(facts)


def refresh_collations(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(upkeep.refresh_collations(config))


def provide_roles(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(roles.provide(config))


def join(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(docker.join_data_services(config))


def fetch_signed(config: HostConfig, arguments: argparse.Namespace) -> str:
    return signatures.fetch(config, arguments.repository, arguments.ref)


def tidy(config: HostConfig, arguments: argparse.Namespace) -> str:
    done = [said for step in TIDYING for said in step(config)]
    done += _repair_clone(config, arguments)
    return "\n".join(done + docker.join_data_services(config))


def show_limits(config: HostConfig, arguments: argparse.Namespace) -> str:
    return "\n".join(limits.describe(limits.changed(config)))


def repair(config: HostConfig, arguments: argparse.Namespace) -> str:
    """Make all repairs; a failed one does not stop the others, and is reported at the end."""
    steps: list[Callable[[], list[str]]] = [
        *(partial(step, config) for step in (*TIDYING, images.finish_upgrade)),
        lambda: _repair_clone(config, arguments),
        lambda: record.repair(config.releases),
        lambda: limits.repair(config),
    ]
    if failures := [failure for step in steps if (failure := _failure_of(step))]:
        raise HostError("; ".join(failures))
    return ""


def _repair_clone(config: HostConfig, arguments: argparse.Namespace) -> list[str]:
    return clone.repair(config, recovery.good_release(config)[0], arguments.repository)


def _failure_of(step: Callable[[], list[str]]) -> str:
    """Take a step and print what it did; returns why it could not be taken, or nothing."""
    try:
        print("".join(f"{said}\n" for said in step()), end="")
    except HostError as error:
        return str(error)
    return ""


Command = Callable[[HostConfig, argparse.Namespace], str]
COMMANDS: dict[str, tuple[Command, str]] = {
    "arm": (arm, "have the app brought back unless it is disarmed in time"),
    "disarm": (disarm, "the app is healthy: nothing needs to be brought back"),
    "recover": (recover, "bring the app back, if the timer is armed"),
    "record": (add_record, "add an event, given as JSON, to the record of releases"),
    "keep-settings": (keep_settings, "keep the settings as those of the last healthy release"),
    "return-settings": (return_settings, "put the settings of the last healthy release in place"),
    "base": (base, "name the pinned base of the app's image, if the code still names its tag"),
    "resolve": (resolve, "fetch the newest images of the tags, and say what they are"),
    "pin": (pin, "have a service run an image, by its digest, from its next start on"),
    "keep-images": (keep_images, "what is pinned runs well: forget what was before"),
    "return-images": (return_images, "pin again what was pinned before the upgrade"),
    "conclude-images": (conclude_images, "end an upgrade of images that was cut off"),
    "collations": (collations, "name databases whose collations have changed: recorded, present"),
    "upkeep": (show_upkeep, "tell ages and pending fixes of packages, engine and images"),
    "refresh-collations": (refresh_collations, "rebuild indexes that other collations sorted"),
    "roles": (provide_roles, "see that the roles in PostgreSQL are as the settings have them"),
    "join": (join, "connect the app to PostgreSQL and Redis, if no network does"),
    "fetch-signed": (fetch_signed, "fetch a commit, check its signature and print its id"),
    "tidy": (
        tidy,
        "repair what a run or somebody left: containers, image lock, clone, networks",
    ),
    "limits": (show_limits, "list limits of containers that somebody changed by hand"),
    "repair": (repair, "repair clone, record and limits, and say what was done"),
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="hnpal-host", description=__doc__)
    parser.add_argument("--configuration", type=Path, default=CONFIGURATION)
    commands = parser.add_subparsers(dest="command", required=True)
    made = {name: commands.add_parser(name, help=text) for name, (_, text) in COMMANDS.items()}
    made["arm"].add_argument("--seconds", type=int, required=True)
    made["arm"].add_argument("--reason", required=True, help="what might be cut off")
    made["resolve"].add_argument("services", nargs="+")
    made["resolve"].add_argument("--given", default="{}", help="references by service, as JSON")
    made["pin"].add_argument("service")
    made["pin"].add_argument("reference")
    made["pin"].add_argument("--by", required=True, help="who upgrades")
    made["fetch-signed"].add_argument("ref")
    for name in "fetch-signed", "tidy", "repair":
        made[name].add_argument("--repository", required=True)
    made["upkeep"].add_argument("--publish", action="store_true", help="tell the bot")
    made["recover"].add_argument("--after-boot", action="store_true", help="wait for Docker first")
    made["recover"].add_argument("--by-a-play", action="store_true", help="tell nobody else")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    act, _ = COMMANDS[arguments.command]
    try:
        config = read_config(arguments.configuration)
        images.ensure(config)
        said = act(config, arguments)
    except (HostError, OSError, ValueError) as error:
        print(f"hnpal-host {arguments.command} failed: {error}", file=sys.stderr)
        return 1
    if said:
        print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
