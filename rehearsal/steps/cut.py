"""Updates, rollbacks and restores interrupted at many points; one normal run repairs each."""

from __future__ import annotations

import time
from collections.abc import Callable

from rehearsal.containers import inspect
from rehearsal.cuts import SHOW_TASKS, Cut, cut_points, run_until, tasks_of, wait_until_well
from rehearsal.database import query
from rehearsal.lab.secrets import ADMIN_CHAT
from rehearsal.repository import harmless
from rehearsal.stage import Stage, StepFailedError

UPDATES = 12
ROLLBACKS = 6
RESTORES = 6
SEED = 16
RECOVERY_SECONDS = 20
BACK_SECONDS = 180


def run(stage: Stage) -> None:
    """The kinds that are wanted, in turn; then the case that no further run follows."""
    before = _failures(stage)
    kinds = {
        "update": _updates,
        "rollback": _rollbacks,
        "restore": _restores,
        "recovery": _recover_without_a_run,
    }
    wanted = stage.cuts or tuple(kinds)
    if unknown := set(wanted) - kinds.keys():
        raise StepFailedError(f"CUTS are {', '.join(kinds)}, not {', '.join(sorted(unknown))}.")
    for kind in wanted:
        kinds[kind](stage)
    branded = _failures(stage) - before
    stage.record.expect("No release is marked as failed", branded == 0, branded)


def _updates(stage: Stage) -> None:
    stage.repository.release("To see its tasks", harmless(200))
    tasks = _tasks(stage, "update.yml")
    healed = 0
    for number, cut in enumerate(cut_points(tasks, UPDATES, SEED)):
        commit = stage.repository.release(f"Cut off {number}", harmless(201 + number))
        run_until(stage, cut, "update.yml")
        healer = ("update.yml", "site.yml")[number % 2]
        healed += _repair(
            stage, f"update.yml cut off {cut}", healer, commit, either=number % 2 == 1
        )
        # site.yml keeps the running commit if the run was cut off before it recorded another.
        stage.must_play("update.yml")
    _sum_up(stage, "update.yml", healed, UPDATES)


def _rollbacks(stage: Stage) -> None:
    old = inspect(stage.host)["app"].commit
    stage.repository.release("To go back from", harmless(300))
    stage.must_play("update.yml")
    # The last two only release the lock. Once that is done, another run goes further back.
    tasks = _tasks(stage, "rollback.yml")[:-2]
    healed = 0
    for cut in cut_points(tasks, ROLLBACKS, SEED):
        # The newest code again, recorded as good.
        stage.must_play("update.yml")
        run_until(stage, cut, "rollback.yml")
        healed += _repair(stage, f"rollback.yml cut off {cut}", "rollback.yml", old)
    _sum_up(stage, "rollback.yml", healed, ROLLBACKS)
    stage.must_play("update.yml")


def _restores(stage: Stage) -> None:
    stage.must_play("backup.yml")
    rows = query(stage.host, "SELECT count(*) FROM readers")
    commit = inspect(stage.host)["app"].commit
    tasks = _tasks(stage, "restore.yml")
    healed = 0
    for number, cut in enumerate(cut_points(tasks, RESTORES, SEED)):
        run_until(stage, cut, "restore.yml")
        what = f"restore.yml cut off {cut}"
        healed += _repair(stage, what, ("update.yml", "restore.yml")[number % 2], commit)
        now = query(stage.host, "SELECT count(*) FROM readers")
        stage.record.expect(f"{what}: every reader is there", now == rows, f"{now} of {rows}")
    _sum_up(stage, "restore.yml", healed, RESTORES)


def _recover_without_a_run(stage: Stage) -> None:
    """The app is stopped, or only created, and the run that would have started it has ended."""
    commit = inspect(stage.host)["app"].commit
    tasks = _tasks(stage, "restore.yml")
    stop = next(number for number, task in enumerate(tasks) if "Replace the database" in task)
    _expect_recovery(
        stage,
        "A restore cut off after the stop",
        commit,
        lambda: run_until(
            stage,
            Cut(stop, tasks[stop], 0, with_host=True),
            *("restore.yml", "-e", f"app_recovery_seconds={RECOVERY_SECONDS}"),
        ),
    )

    def create() -> None:
        stage.host.ssh(
            f"hnpal-host arm --seconds={RECOVERY_SECONDS} --reason='Update by nobody'"
            " && cd /opt/hnpal/app && docker compose rm --stop --force app"
            " && docker compose create --no-build app",
            timeout=120,
        )

    _expect_recovery(stage, "A swap cut off between create and start", commit, create)
    stage.host.ssh(
        "hnpal-host arm --seconds=3600 --reason='Update by nobody' && docker stop hnpal-app",
        timeout=120,
    )
    _repair(stage, "A run cut off after the stop, and nothing new to release", "update.yml", commit)


def _expect_recovery(stage: Stage, what: str, commit: str, cut: Callable[[], None]) -> None:
    told = len(stage.telegram.messages(ADMIN_CHAT))
    cut()
    state = stage.host.ssh("docker inspect --format '{{.State.Status}}' hnpal-app").strip()
    began = time.monotonic()
    back = stage.wait_for("test ! -e /opt/hnpal/recovery.json", BACK_SECONDS)
    seconds = time.monotonic() - began
    stage.record.expect(
        f"{what}: the host starts the app again by itself",
        back and state != "running" and inspect(stage.host)["app"].running,
        f"it was {state}, and back after {seconds:.0f} s",
    )
    texts = [message["text"] for message in stage.telegram.messages(ADMIN_CHAT)[told:]]
    heard = [text for text in texts if "was cut off" in text]
    stage.record.expect(f"{what}: the operator is told", len(heard) == 1, " | ".join(heard))
    _repair(stage, what, "update.yml", commit)


def _tasks(stage: Stage, playbook: str) -> list[str]:
    """The tasks of an uninterrupted run."""
    play = stage.operator.start(playbook, environment=SHOW_TASKS).wait()
    if not play.succeeded:
        raise StepFailedError(f"{playbook} failed:\n{play.last_words}")
    return tasks_of(play.output)


def _repair(stage: Stage, what: str, playbook: str, commit: str, *, either: bool = False) -> bool:
    """Whether one normal run restores the normal state."""
    play = stage.play(playbook)
    if either:
        commit = inspect(stage.host)["app"].commit
    wrong = wait_until_well(stage, commit) if play.succeeded else [play.last_words]
    return stage.record.expect(
        f"{what}: {playbook} heals it", not wrong, "; ".join(wrong) or f"{play.seconds:.0f} s"
    )


def _failures(stage: Stage) -> int:
    """The number of releases that were recorded as failed."""
    return int(stage.host.ssh("grep -c '\"failed\"' /opt/hnpal/releases.jsonl || true"))


def _sum_up(stage: Stage, playbook: str, healed: int, count: int) -> None:
    text = f"{playbook}: one normal run repaired every cut"
    stage.record.expect(text, healed == count, f"{healed} of {count}")
