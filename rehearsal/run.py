"""The rehearsal as a whole: its steps in order, the report at the end, and the cleaning up."""

from __future__ import annotations

import shutil
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from rehearsal.lab import lab
from rehearsal.lab.host import find_host
from rehearsal.lab.inventory import bucket_in
from rehearsal.lab.secrets import read_secrets
from rehearsal.lab.services import origin
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.load import Load
from rehearsal.operators import Operator
from rehearsal.outside.control import TelegramControl
from rehearsal.promises import StepRecord
from rehearsal.report import write_reports
from rehearsal.repository import Repository
from rehearsal.stage import Stage
from rehearsal.steps import STEPS, Step


def rehearse(workspace: Workspace, names: Sequence[str], *, keep: bool, again: bool) -> bool:
    """Take the steps named, or all, and those they need; tells whether every promise was kept.

    With `again`, the host that an earlier run kept is used, and only the steps named are taken.
    """
    began = time.time()
    steps = wanted_steps(names, with_needs=not again)
    if not again:
        lab.down(workspace)
    stage = _stage(workspace, lab.up(workspace), began)
    if again:
        stage.a_host = find_host(stage.lab.engine.docker, workspace)
        stage.bucket = bucket_in(workspace.inventory)
        stage.secrets = read_secrets(workspace)
    records: list[StepRecord] = []
    try:
        for step in steps:
            _take(step, stage, records)
    finally:
        report = write_reports(workspace, stage, records, began)
        kept = len(records) == len(steps) and all(record.kept for record in records)
        stage.operator.leave()
        _end(workspace, keep=keep, kept=kept, logs=report.parent / "logs")
    return kept


def wanted_steps(names: Sequence[str], *, with_needs: bool = True) -> list[Step]:
    """The steps named, or all, and those they need, in their order.

    Raises:
        LabError: for a name that no step has.
    """
    known = {step.name: step for step in STEPS}
    unknown = set(names) - known.keys()
    if unknown:
        raise LabError(f"No step is called {', '.join(unknown)}. There are: {', '.join(known)}.")
    wanted = set(names or known)
    for step in reversed(STEPS):
        if step.name in wanted and with_needs:
            wanted.update(step.needs)
    return [step for step in STEPS if step.name in wanted]


def _stage(workspace: Workspace, place: lab.Lab, began: float) -> Stage:
    repository = origin(workspace)
    work = workspace.run / time.strftime("work-%H-%M-%S", time.gmtime(began))
    telegram = TelegramControl(f"http://{place.outside.telegram}")
    return Stage(
        lab=place,
        operator=Operator(workspace, work / "operator", repository),
        repository=Repository(work / "releases", repository),
        telegram=telegram,
        load=Load(telegram),
        record=StepRecord("", ""),
    )


def _take(step: Step, stage: Stage, records: list[StepRecord]) -> None:
    record = stage.record = StepRecord(step.name, step.title)
    broken_off = {earlier.name for earlier in records if earlier.failure}
    records.append(record)
    print(f"\n{step.title} ({step.name})", flush=True)
    if not broken_off.isdisjoint(step.needs):
        record.failure = f"It needs {', '.join(step.needs)}, which broke off."
        return
    with record.timed():
        try:
            step.run(stage)
        except Exception as error:
            record.failure = str(error) or repr(error)
            print(f"    ✗ BROKEN OFF: {record.failure}", flush=True)
            (stage.lab.workspace.logs / f"{step.name}.log").write_text(traceback.format_exc())


def _end(workspace: Workspace, *, keep: bool, kept: bool, logs: Path) -> None:
    if not kept:
        shutil.copytree(workspace.logs, logs)
        print(f"Logs: {logs}", flush=True)
    if keep:
        print("The host is still up: `python -m rehearsal host status` says how to log in.")
    else:
        lab.down(workspace)
