"""Rollbacks, two operators at once, and interrupted updates that are run again."""

from __future__ import annotations

import time
from collections.abc import Callable

from rehearsal.containers import healthy, inspect
from rehearsal.operators import RunningPlay
from rehearsal.repository import harmless
from rehearsal.stage import Stage

REACH_SECONDS = 120


def run(stage: Stage) -> None:
    """Each in turn, under load."""
    _roll_back(stage)
    _two_operators(stage)
    _interrupted(stage, "SIGKILL to ansible", lambda play: play.kill())
    _interrupted(stage, "Lost SSH", lambda play: stage.operator.disconnect())


def _roll_back(stage: Stage) -> None:
    oldest = inspect(stage.host)["app"].commit
    old = stage.repository.release("A release to go back to", harmless(99))
    stage.must_play("update.yml")
    new = stage.repository.release("A release to go back from", harmless(100))
    stage.must_play("update.yml")
    checked = stage.play("rollback.yml", "--check")
    commit = inspect(stage.host)["app"].commit
    stage.record.expect(
        "rollback.yml --check says where it would go, and changes nothing",
        checked.succeeded and f"{new[:10]} -> {old[:10]}" in checked.output and commit == new,
        f"{commit[:10]} runs",
    )
    with stage.drill("Rollback") as drill:
        drill.mark("rollback.yml")
        play = stage.must_play("rollback.yml")
        drill.mark("done")
    commit = inspect(stage.host)["app"].commit
    stage.record.expect(
        "rollback.yml deploys the previous release without a build",
        commit == old != new,
        f"{commit[:10]} in {play.seconds:.1f} s",
    )
    stage.expect_nothing_lost(drill, "Rollback")
    again = stage.play("rollback.yml")
    commit = inspect(stage.host)["app"].commit
    stage.record.expect(
        "rollback.yml once more goes one release further back",
        again.succeeded and commit == oldest,
        f"{commit[:10]}, after {new[:10]} and {old[:10]}",
    )


def _two_operators(stage: Stage) -> None:
    stage.repository.release("A release that two people want", harmless(101))
    first = stage.operator.start("update.yml")
    _wait_for_output(first, "Take the lock", "Fetch the code")
    second = stage.play("update.yml")
    ended = first.wait()
    refused = not second.succeeded and "holds the lock" in second.output
    said = next((line for line in second.output.splitlines() if "holds the lock" in line), "")
    stage.record.expect("The second operator is told who holds the lock", refused, said[:160])
    stage.record.expect("and the first is not disturbed", ended.succeeded)


def _interrupted(stage: Stage, what: str, interrupt: Callable[[RunningPlay], None]) -> None:
    commit = stage.repository.release(f"A release cut short: {what}", harmless(int(time.time())))
    with stage.drill(f"{what} during an update") as drill:
        play = stage.operator.start("update.yml")
        _wait_for_output(play, "Build the image", "Build or pull the image")
        drill.mark(what)
        interrupt(play)
        play.wait()
        drill.mark("again")
        again = stage.play("update.yml")
    live = inspect(stage.host)["app"].commit
    stage.record.expect(
        f"{what} during an update: a second run completes it",
        again.succeeded and live == commit and healthy(stage.host),
        f"{live[:10]} in {again.seconds:.1f} s",
    )
    stage.expect_nothing_lost(drill, f"{what} during an update")


def _wait_for_output(play: RunningPlay, *signs: str) -> None:
    """Wait until a run has begun one of the named tasks, or has ended."""
    deadline = time.monotonic() + REACH_SECONDS
    while time.monotonic() < deadline and play.process.poll() is None:
        if any(sign in play.output() for sign in signs):
            return
        time.sleep(0.05)
