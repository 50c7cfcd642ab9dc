"""Interrupts runs of a playbook, and checks the host after a normal run has repaired it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from rehearsal.containers import inspect
from rehearsal.lab.host import Host
from rehearsal.operators import RunningPlay
from rehearsal.stage import Stage

# Print the start of every task.
SHOW_TASKS = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
    "ANSIBLE_DISPLAY_OK_HOSTS": "1",
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "1",
}
SIGNS = ("TASK [", "RUNNING HANDLER [")
# Processes that a play has started on the host survive it, except in a power cut. The brackets keep
# pkill's own command line from matching the pattern.
HOST_PROCESSES = "[A]nsiballZ|[a]nsible-tmp|[d]ocker-compose|[d]ocker compose|[/]git |-m [h]npal_"
POLL_SECONDS = 0.02
SETTLE_SECONDS = 90
# One name and one value per line.
STATE = """
cd /opt/hnpal
echo containers: $(docker ps --all --format '{{.Names}}' | sort)
echo lock: $(grep -v '^{}$' /run/hnpal.lock)
echo clone: $(git -C app rev-parse HEAD)
echo edited: $(git -C app status --porcelain --untracked-files=no | head -3)
echo git locks: $(find app/.git -name '*.lock')
echo settings: $(cmp .env .env.good 2>&1)
echo good: $(sed -n 's/^HNPAL_COMMIT=//p' .env.good)
echo armed: $(ls recovery.json 2>/dev/null)
echo timers: $(systemctl list-timers --no-legend 'hnpal-recovery*')
echo drafts: $(ls *.partial 2>/dev/null)
"""
CONTAINERS = "hnpal-app hnpal-postgres hnpal-redis"


@dataclass(frozen=True, slots=True)
class Cut:
    """When and how a run is interrupted: after its nth task has begun."""

    task: int
    name: str
    seconds: float
    """After the task's beginning."""
    with_host: bool
    """Whether the processes that it has started on the host are killed too, as in a power cut."""

    def __str__(self) -> str:
        how = "with its processes on the host" if self.with_host else "with its connection"
        return f"{self.seconds:.2f} s into {self.name!r}, {how}"


def tasks_of(output: str) -> list[str]:
    """The tasks in a run's output, in order."""
    lines = output.splitlines()
    return [line.split("[", 1)[1].split("]")[0] for line in lines if line.startswith(SIGNS)]


def cut_points(tasks: list[str], count: int, seed: int, since: str = "Take the lock") -> list[Cut]:
    """Cuts spread over a run's tasks, half of them including the processes on the host."""
    chance = random.Random(seed)
    first = next((number for number, task in enumerate(tasks) if since in task), 0)
    numbers = [
        first + round(part * (len(tasks) - 1 - first) / max(1, count - 1)) for part in range(count)
    ]
    return [
        Cut(number, tasks[number], chance.uniform(0, 0.6), with_host=part % 2 == 1)
        for part, number in enumerate(numbers)
    ]


def run_until(stage: Stage, cut: Cut, playbook: str, *arguments: str) -> None:
    """Run a playbook and kill it with its connections, and with its processes if `cut` says so."""
    play = stage.operator.start(playbook, *arguments, environment=SHOW_TASKS)
    wait_for_task(play, cut.task)
    time.sleep(cut.seconds)
    play.kill()
    stage.operator.disconnect()
    if cut.with_host:
        kill_on_host(stage.host)


def kill_on_host(host: Host) -> None:
    """Kill what a play has started on the host."""
    host.ssh(f"pkill -KILL --full '{HOST_PROCESSES}' || true")


def wait_for_task(play: RunningPlay, which: int | str) -> None:
    """Wait until a run that prints its tasks has begun one, or has ended.

    The task is given by its number, or by a part of its name.
    """
    deadline = time.monotonic() + play.limit
    while time.monotonic() < deadline and play.process.poll() is None:
        tasks = tasks_of(play.output())
        if isinstance(which, int) and len(tasks) > which:
            return
        if isinstance(which, str) and any(which in task for task in tasks):
            return
        time.sleep(POLL_SECONDS)


def complaints(host: Host, commit: str) -> list[str]:
    """The violations of the normal state: one release is live, and no run is in progress."""
    lines = (line.partition(":") for line in host.ssh(STATE).splitlines())
    state = {name: value.strip() for name, _, value in lines}
    app = inspect(host).get("app")
    last = last_events(host)
    must = {
        "the app is healthy": app is not None and app.health == "healthy",
        "the app runs the expected release": app is not None and app.commit == commit,
        "it is recorded as live": last.get(commit) == "live",
        "no run is recorded as interrupted": "started" not in list(last.values())[-1:],
        "no other container runs": state["containers"] == CONTAINERS,
        "nobody holds the lock": not state["lock"],
        "the clone is at that commit": state["clone"] == commit and not state["edited"],
        "git left no lock": not state["git locks"],
        "the settings are those of the live release": not state["settings"],
        "the kept settings are the release's": state["good"] == commit,
        "no timer is armed": not state["armed"] and not state["timers"],
        "no draft is left": not state["drafts"],
    }
    wrong = [what for what, holds in must.items() if not holds]
    return [f"violated: {', '.join(wrong)}: {state}"] if wrong else []


def last_events(host: Host) -> dict[str, str]:
    """The last recorded event of every commit, in order of time."""
    last: dict[str, str] = {}
    for event in events(host.ssh("cat /opt/hnpal/releases.jsonl")):
        if event["event"] != "rolling-back":
            last.pop(event["commit"], None)
            last[event["commit"]] = event["event"]
    return last


def events(record: str) -> Iterator[dict[str, str]]:
    """The events in a record of releases, without damaged lines, which the host skips, too."""
    for line in record.splitlines():
        with suppress(ValueError):
            yield json.loads(line)


def wait_until_well(stage: Stage, commit: str, seconds: float = SETTLE_SECONDS) -> list[str]:
    """The violations that remain after a while: Docker checks health only periodically."""
    deadline = time.monotonic() + seconds * stage.record.patience
    while (wrong := complaints(stage.host, commit)) and time.monotonic() < deadline:
        time.sleep(1)
    return wrong
