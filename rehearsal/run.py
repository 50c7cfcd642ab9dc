"""The rehearsal as a whole: its steps in order, the report at the end, and the cleaning up."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from rehearsal.lab import lab
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.lab.services import origin
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.load import Load
from rehearsal.operators import Operator
from rehearsal.outside.control import TelegramControl
from rehearsal.promises import StepRecord
from rehearsal.report import write_reports
from rehearsal.repository import Repository
from rehearsal.stage import Stage, StepFailedError
from rehearsal.steps import STEPS, Step


def rehearse(workspace: Workspace, names: Sequence[str], *, keep: bool) -> bool:
    """Run the steps named (all, if none are) and what they need; tells whether all was kept."""
    began = time.time()
    lab.down(workspace)
    place = lab.up(workspace)
    repository = origin(workspace)
    stage = Stage(
        lab=place,
        operator=Operator(workspace, str(repository)),
        repository=Repository(workspace.run / "code", str(repository)),
        telegram=TelegramControl(f"http://{place.outside.telegram}"),
        load=Load(TelegramControl(f"http://{place.outside.telegram}")),
        record=StepRecord("", ""),
    )
    records: list[StepRecord] = []
    try:
        for step in wanted_steps(names):
            broken_off = {record.name for record in records if record.failure}
            record = StepRecord(step.name, step.title)
            records.append(record)
            if broken_off.isdisjoint(step.needs):
                _take(step, stage, record)
            else:
                record.failure = f"It needs {', '.join(step.needs)}."
    finally:
        report = write_reports(workspace, stage, records, began)
        kept = all(record.kept for record in records)
        stage.operator.leave()
        _end(workspace, keep=keep, kept=kept, logs=report.parent / "logs")
    return kept and bool(records)


def wanted_steps(names: Sequence[str]) -> list[Step]:
    """The steps named and those they need, in their order.

    Raises:
        LabError: for a name that no step has.
    """
    known = {step.name: step for step in STEPS}
    unknown = set(names) - known.keys()
    if unknown:
        raise LabError(f"No step is called {', '.join(unknown)}. There are: {', '.join(known)}.")
    wanted = set(names or known)
    for step in reversed(STEPS):
        if step.name in wanted:
            wanted.update(step.needs)
    return [step for step in STEPS if step.name in wanted]


def _take(step: Step, stage: Stage, record: StepRecord) -> None:
    stage.record = record
    print(f"\n{step.title} ({step.name})", flush=True)
    with record.timed():
        try:
            step.run(stage)
        except (LabError, ProgramFailedError, StepFailedError, AssertionError) as error:
            record.failure = str(error)
            print(f"    ✗ BROKEN OFF: {error}", flush=True)


def _end(workspace: Workspace, *, keep: bool, kept: bool, logs: Path) -> None:
    if not kept:
        shutil.copytree(workspace.logs, logs, dirs_exist_ok=True)
        print(f"Logs: {logs}", flush=True)
    if keep:
        print("The host is still up: `python -m rehearsal host status` says how to log in.")
    else:
        lab.down(workspace)
