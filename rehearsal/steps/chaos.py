"""Faults by a seed, at any moment of any play; one plain run must repair each.

The number of faults and the seed are the step's options. After each fault the same is expected,
whatever it was: what a host is when nothing has happened.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice, takewhile

import yaml

from rehearsal import fingerprint
from rehearsal.chaos_faults import FAULTS, Fault, FaultTarget
from rehearsal.containers import inspect
from rehearsal.cuts import SHOW_TASKS, tasks_of, wait_for_task, wait_until_well
from rehearsal.database import row_counts
from rehearsal.drills import Drill
from rehearsal.lab import registry
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.operators import Play, RunningPlay
from rehearsal.repository import harmless
from rehearsal.schedule import Round, rounds, task_at
from rehearsal.stage import ChaosOptions, Stage, StepFailedError
from rehearsal.verdict import History, Outcome, fewer_rows, message_complaints, table, wrong_target

REDIS = "redis:7-alpine"
# The first task of rollback.yml after those that refuse a target.
TARGET_IS_KNOWN = "Pin the commit to go back to"
# An operator interrupts a play that has not ended so long after the fault.
GIVE_UP_SECONDS = 150
# Tables that only lose rows when a reader asks for it.
KEPT_TABLES = ("readers", "stories", "summaries", "digests", "saved_stories")


def run(stage: Stage) -> None:
    """Inject the faults, and print a table of them."""
    chaos = Chaos(stage)
    outcomes: list[Outcome] = []
    try:
        outcomes.extend(map(chaos.play, planned_rounds(stage.chaos)))
    finally:
        print(f"\n{table(outcomes)}\n", flush=True)
    seen = {outcome.round.fault for outcome in outcomes if outcome.injected}
    healed = sum(not outcome.wrong for outcome in outcomes)
    stage.record.expect(
        "One plain run repaired every fault",
        healed == len(outcomes) > 0,
        f"{healed} of {len(outcomes)}; {len(seen)} different faults met a run; seed"
        f" {stage.chaos.seed}",
    )


def planned_rounds(
    options: ChaosOptions, clock: Callable[[], float] = time.monotonic
) -> Iterator[Round]:
    """The rounds to play; `clock`, in seconds, tells when there is time for no further one."""
    known = {name: fault.playbooks for name, fault in FAULTS.items()}
    every = rounds(options.seed, known)
    before = options.first - 1
    deadline = clock() + 60 * options.minutes
    return takewhile(lambda _: clock() < deadline, islice(every, before, before + options.faults))


class Chaos:
    """Plays rounds on a stage, one after the other."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._tasks: dict[str, list[str]] = {}
        self._history = History()
        self._expected: fingerprint.Fingerprint = {}
        # The first backup makes the key of the seals.
        for playbook in "site.yml", "update.yml", "backup.yml":
            stage.must_play(playbook)
        self._look_around()

    def play(self, one: Round) -> Outcome:
        """Play a round; if the host is not as it must be, say how to replay it and repair it."""
        stage, fault = self._stage, FAULTS[one.fault]
        print(f"\n  {one.number}. {one.fault}, in {one.playbook}", flush=True)
        tasks = self._tasks_of(one.playbook)
        arguments = self._prepare(one)
        number = task_at(one.moment, tasks)
        outcome = Outcome(one, f"{one.seconds:.1f} s into {tasks[number]!r}")
        rows = self._rows()
        healer = outcome.healer = one.healer_among(fault.healers)
        # A restore gives back what was dumped, so what is answered meanwhile would come again.
        quiet = one.playbook == "restore.yml"
        with self._load(one, quiet=quiet) as drill:
            running = stage.operator.start(one.playbook, *arguments, environment=SHOW_TASKS)
            wait_for_task(running, number)
            time.sleep(one.seconds)
            self._inject(fault, FaultTarget(stage, running, one.playbook), outcome)
            outcome.ended = _end(running, GIVE_UP_SECONDS * stage.record.patience)
            healing = stage.play(healer)
        outcome.seconds = healing.seconds
        try:
            self.judge(outcome, healing, rows, drill)
        except (ProgramFailedError, LookupError, ValueError) as error:
            # The state could not be read; the next rounds show whether the repair below helps.
            outcome.wrong.append(f"{type(error).__name__}: {error}")
        stage.record.expect(
            f"{one.number}. {one.fault}, {outcome.task} of {one.playbook}: {healer} repairs it",
            not outcome.wrong,
            "; ".join(outcome.wrong) or f"{healing.seconds:.0f} s; the play: {outcome.ended}",
        )
        if outcome.wrong:
            self._recover(one)
        return outcome

    def _tasks_of(self, playbook: str) -> list[str]:
        """The tasks of an undisturbed run."""
        if playbook not in self._tasks:
            arguments = self._prepare(Round(0, "", playbook, 0, 0, 0))
            play = self._stage.operator.start(playbook, *arguments, environment=SHOW_TASKS).wait()
            if not play.succeeded:
                raise StepFailedError(f"{playbook} failed:\n{play.last_words}")
            self._tasks[playbook] = tasks_of(play.output)
            if playbook == "rollback.yml":
                self._stage.must_play("update.yml")
            self._history.saw(self._running())
        return self._tasks[playbook]

    def _prepare(self, one: Round) -> list[str]:
        """Give the playbook something to do; returns its arguments."""
        stage = self._stage
        mark = f"{stage.chaos.seed}{one.number:04}{len(self._history.served):03}"
        if one.playbook == "update.yml":
            stage.repository.release(f"Chaos {mark}", harmless(int(mark)))
        if one.playbook == "rollback.yml" and not self._can_go_back():
            stage.repository.release(f"Chaos {mark}", harmless(int(mark)))
            stage.must_play("update.yml")
            self._history.saw(self._running())
        if one.playbook == "restore.yml":
            stage.must_play("backup.yml")
        if one.playbook == "upgrade.yml" and stage.lab.engine.private:
            registry.publish_successor(stage.lab.engine, REDIS, f'LABEL rehearsal="{mark}"')
        if one.playbook == "site.yml":
            # Another setting is another release, with the same image.
            inventory = yaml.safe_load(stage.lab.workspace.inventory.read_text())
            settings = inventory["hnpal"]["vars"]["app_environment"] | {"REHEARSAL_MARK": mark}
            return ["-e", json.dumps({"app_environment": settings})]
        return []

    def _can_go_back(self) -> bool:
        """Whether the newest release runs, and another has served before it."""
        running = self._running()
        return running == self._stage.repository.head() and bool(self._history.before(running))

    @contextmanager
    def _load(self, one: Round, *, quiet: bool) -> Iterator[Drill | None]:
        if quiet:
            yield None
            return
        with self._stage.drill(f"{one.number}. {one.fault}, in {one.playbook}") as drill:
            drill.mark(one.playbook)
            yield drill

    def _inject(self, fault: Fault, target: FaultTarget, outcome: Outcome) -> None:
        began = time.monotonic()
        try:
            with fault.begin(target):
                outcome.injected = True
                time.sleep(max(0.0, began + fault.lasts - time.monotonic()))
        except ProgramFailedError as error:
            if outcome.injected:
                outcome.wrong.append(f"the fault could not be ended: {error}")
            else:
                # Its target is not there at this moment.
                print(f"      it did not take place: {error}", flush=True)
        except ProcessLookupError:
            print("      it did not take place: the play had ended", flush=True)
            outcome.injected = False

    def judge(
        self, outcome: Outcome, healing: Play, rows: dict[str, int], drill: Drill | None
    ) -> None:
        """Add to the outcome what is wrong with the host after the repair."""
        one, fault, wrong = outcome.round, FAULTS[outcome.round.fault], outcome.wrong
        healer = outcome.healer
        if not healing.succeeded:
            wrong.append(f"{healer} failed: {healing.last_words[-600:]}")
            return
        newest, running = self._stage.repository.head(), self._running()
        if healer == "update.yml" and running != newest:
            wrong.append(f"{running[:10]} runs, not the newest, {newest[:10]}")
        wrong += wait_until_well(self._stage, running)
        wrong += fingerprint.differences(self._expected, fingerprint.take(self._stage.host.ssh))
        wrong += fewer_rows(rows, self._rows())
        if drill is not None and drill.account is not None:
            outcome.lost, outcome.twice = drill.account.lost, drill.account.duplicated
            wrong += message_complaints(
                drill.account.lost, drill.account.duplicated, fault.in_flight
            )
        said = self._way_back()
        if fault.forgets:
            self._history = History.read(said, running)
            return
        # A rollback that was cut off is finished by the next one, whatever repaired the host.
        allowed = set()
        if one.playbook == "rollback.yml":
            allowed.add(self._history.before(newest))
            if running != newest:
                self._history.left(newest)
        allowed.add(self._history.before(running))
        wrong += wrong_target(said, allowed)
        self._history.saw(running)

    def _recover(self, one: Round) -> None:
        """Say how to replay a round, and bring the host into its normal state for the next."""
        seed = self._stage.chaos.seed
        print(
            f"      replay: make rehearse STEPS=chaos SEED={seed} FIRST={one.number} FAULTS=1"
            f" (with all before it: FAULTS={one.number})",
            flush=True,
        )
        for playbook in "doctor.yml", "site.yml", "update.yml":
            self._stage.play(playbook)
        left = wait_until_well(self._stage, self._stage.repository.head())
        if left:
            raise StepFailedError(f"The host cannot be used any more: {'; '.join(left)}")
        self._look_around()

    def _look_around(self) -> None:
        """Record the host's present state, which every repair must restore."""
        said = self._way_back()
        self._history = History.read(said, self._running())
        self._expected = fingerprint.take(self._stage.host.ssh)

    def _way_back(self) -> str:
        """What rollback.yml --check says until it knows its target; the rest would only cost time.

        It changes nothing, so it may be killed.
        """
        play = self._stage.operator.start("rollback.yml", "--check", environment=SHOW_TASKS)
        wait_for_task(play, TARGET_IS_KNOWN)
        play.kill()
        return play.output()

    def _running(self) -> str:
        app = inspect(self._stage.host).get("app")
        return app.commit if app else ""

    def _rows(self) -> dict[str, int]:
        counts = row_counts(self._stage.host)
        return {table: counts[table] for table in KEPT_TABLES}


def _end(play: RunningPlay, seconds: float) -> str:
    """Wait for a play's end, or interrupt it after `seconds`; returns how it ended."""
    deadline = time.monotonic() + seconds
    while play.process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.2)
    if play.process.poll() is None:
        play.kill()
        return "hung, interrupted"
    status = play.process.returncode
    return "succeeded" if status == 0 else "killed" if status < 0 else "failed"
