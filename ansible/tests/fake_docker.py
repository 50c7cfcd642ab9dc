"""A fake docker for the PATH of tests: containers are entries of a file.

Healthy is what was made from a commit in the state's `good`; PostgreSQL is up unless `down`. A
reference is an image of the state's `images`, which has an `Id` and a `version`; starting a service
gives it the image that the lock names, and one that is `broken` does not get healthy.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

STATE = Path(os.environ.get("FAKE_DOCKER", "/nonexistent"))


def labels(container: dict[str, Any]) -> dict[str, str]:
    return {"hnpal.commit": container["commit"], "hnpal.env-hash": container["hash"]}


def inspected(state: dict[str, Any], name: str, container: dict[str, Any]) -> dict[str, Any]:
    reference = container.get("image", "")
    image = state.get("images", {}).get(reference, {})
    broken = reference in state.get("broken", [])
    return {
        "Name": f"/{name}",
        "Config": {"Labels": labels(container), "Image": reference},
        "Image": container.get("id") or image.get("Id", ""),
        "State": {
            "Status": container["state"],
            "Health": {"Status": "unhealthy" if broken else "healthy"},
        },
        "RestartCount": 0,
        "HostConfig": container.get("limits", {}),
        "NetworkSettings": {"Networks": dict.fromkeys(container.get("networks", []))},
    }


def up(state: dict[str, Any], words: list[str]) -> None:
    if words[-1] != "app":
        up_services(state, words)
        return
    file = next(word for word in words if word.startswith("--env-file=")).partition("=")[2]
    text = Path(file).read_text()
    commit, settings = re.findall(r"HNPAL_(?:COMMIT|ENV_HASH)='?(\w+)", text)
    state["containers"]["hnpal-app"] = {"state": "running", "commit": commit, "hash": settings}


def up_services(state: dict[str, Any], words: list[str]) -> None:
    locked = json.loads(Path(files(words)[-1]).read_text())["services"]
    for service in ("postgres", "redis"):
        container = state["containers"].get(f"hnpal-{service}")
        if service in words and container and "--no-recreate" not in words:
            tag = state["definition"]["services"][service]["image"]
            container["image"] = locked.get(service, {}).get("image", tag)
        if container and container.get("image") in state.get("broken", []):
            raise SystemExit(f"container hnpal-{service} is unhealthy")
    if state.get("down"):
        raise SystemExit("dependency failed to start: container hnpal-postgres is unhealthy")


def files(words: list[str]) -> list[str]:
    return [word.partition("=")[2] for word in words if word.startswith("--file=")]


def image_of(state: dict[str, Any], words: list[str]) -> dict[str, Any]:
    known = state.get("images", {})
    found = [one for name, one in known.items() if words[-1] in {name, one["Id"]}]
    if not found:
        raise SystemExit(f"no such image: {words[-1]}")
    found_image: dict[str, Any] = found[0]
    return found_image


def run(state: dict[str, Any], words: list[str]) -> None:
    containers = state["containers"]
    verb, last = words[0], words[-1]
    if verb == "ps":
        states = [word.rpartition("=")[2] for word in words if word.startswith("--filter=status")]
        one_offs = any("oneoff=True" in word for word in words)
        shown = [
            name for name, one in containers.items()
            if not states or (one["state"] in states and (one.get("one_off") or not one_offs))
        ]  # fmt: skip
        print("\n".join(shown))
    elif verb == "inspect":
        print(json.dumps([inspected(state, name, containers[name]) for name in words[1:]]))
    elif words[:2] == ["image", "inspect"]:
        print(json.dumps([image_of(state, words)]))
    elif verb == "tag":
        state["images"][last] = image_of(state, words[:2])
    elif verb == "run":
        print(f"Program v={image_of(state, words[:-1])['version']} sha=00000000")
    elif verb == "exec" and last == "--version":
        print(f"Program {state['images'][containers[words[1]]['image']]['version']}")
    elif verb == "exec" and words[2] == "python":
        container = containers[words[1]]
        leads = "--leading" not in words or "hnpal-standby" not in containers
        if container["state"] != "running" or container["commit"] not in state["good"] or not leads:
            raise SystemExit("not healthy")
    elif verb == "compose" and "config" in words:
        print(json.dumps(state["definition"]))
    elif verb == "compose":
        up(state, words)
    elif verb == "unpause":
        containers[last]["state"] = "running"
    elif verb == "network":
        containers[last]["networks"].append(words[2])
    elif verb == "rm":
        del containers[last]
    elif verb == "update":
        given = dict(word.removeprefix("--").split("=") for word in words[1:-1])
        limits = containers[last]["limits"]
        # As Docker does, it takes 0 for no change.
        limits["Memory"] = int(given.get("memory", 0)) or limits["Memory"]
        limits["NanoCpus"] = float(given.get("cpus", 0)) * 1e9 or limits.get("NanoCpus", 0)


def main() -> None:
    state = json.loads(STATE.read_text())
    state["calls"].append(" ".join(sys.argv[1:]))
    try:
        run(state, sys.argv[1:])
    finally:
        STATE.write_text(json.dumps(state))


if __name__ == "__main__":
    main()
