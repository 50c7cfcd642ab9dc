"""The rehearsal as a whole: its steps in order, the cleaning up, and the report at the end."""

from __future__ import annotations

import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal import traces
from rehearsal.lab import lab
from rehearsal.lab.host import find_host
from rehearsal.lab.inventory import bucket_in
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.lab.secrets import read_secrets
from rehearsal.lab.services import origin
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.load import Load
from rehearsal.operators import Operator
from rehearsal.outside.control import TelegramControl
from rehearsal.promises import StepRecord
from rehearsal.report.write import write_reports
from rehearsal.repository import Repository
from rehearsal.stage import Stage
from rehearsal.steps import STEPS, Step

HOST_LOGS = """
    journalctl --no-pager --lines 5000
    for container in $(docker ps --all --format '{{.Names}}'); do
        echo "=== $container"; docker logs --timestamps --tail 2000 $container 2>&1
    done
"""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever starts a rehearsal can choose."""

    steps: Sequence[str] = ()
    """Names; none means all."""
    keep: bool = False
    """Leave the host up at the end."""
    again: bool = False
    """Go on with the host that an earlier run kept, and take only the steps named."""
    virtual: bool = False
    """Let the host be a virtual machine."""
    patience: float = 1.0
    """How many times as long as promised things may take."""


@dataclass(slots=True)
class Rehearsal:
    """One rehearsal, on its way or over."""

    workspace: Workspace
    wishes: Wishes
    steps: list[Step]
    folder: Path
    began: float = field(default_factory=time.time)
    records: list[StepRecord] = field(default_factory=list)
    stage: Stage | None = None

    @property
    def kept(self) -> bool:
        """Whether it was taken to its end and every promise was kept."""
        done = len(self.records) >= len(self.steps)
        return done and all(record.kept for record in self.records)


def exit_code(act: Callable[[], int]) -> int:
    """Do something in the lab for whoever called a program, and say in a line why it cannot be."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return act()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except (LabError, ProgramFailedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def rehearse(workspace: Workspace, wishes: Wishes) -> Rehearsal:
    """Take the steps wished for and those they need."""
    steps = wanted_steps(wishes.steps, with_needs=not wishes.again)
    name = time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    rehearsal = Rehearsal(workspace, wishes, steps, workspace.reports / name)
    rehearsal.folder.mkdir()
    before = None if wishes.again else traces.look()
    if not wishes.again:
        lab.down(workspace)
    try:
        stage = rehearsal.stage = _stage(rehearsal)
        for step in steps:
            _take(step, stage, rehearsal)
    finally:
        with _undisturbed():
            _end(rehearsal, before)
    return rehearsal


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


def _stage(rehearsal: Rehearsal) -> Stage:
    workspace, wishes = rehearsal.workspace, rehearsal.wishes
    place = lab.up(workspace, virtual=wishes.virtual)
    repository = origin(workspace)
    work = workspace.run / time.strftime("work-%H-%M-%S", time.gmtime(rehearsal.began))
    telegram = TelegramControl(f"http://{place.outside.telegram}")
    stage = Stage(
        lab=place,
        operator=Operator(workspace, work / "operator", repository, wishes.patience),
        repository=Repository(work / "releases", repository),
        telegram=telegram,
        load=Load(telegram),
        record=StepRecord("", ""),
    )
    if wishes.again:
        stage.a_host = find_host(place.engine.docker, workspace)
        stage.bucket = bucket_in(workspace.inventory)
        stage.secrets = read_secrets(workspace)
    return stage


def _take(step: Step, stage: Stage, rehearsal: Rehearsal) -> None:
    records = rehearsal.records
    record = stage.record = StepRecord(step.name, step.title, rehearsal.wishes.patience)
    broken_off = {earlier.name for earlier in records if earlier.failure}
    records.append(record)
    print(f"\n{step.title} ({step.name})", flush=True)
    if not broken_off.isdisjoint(step.needs):
        record.failure = f"It needs {', '.join(step.needs)}, which broke off."
        print(f"    ✗ {record.failure}", flush=True)
        return
    with record.timed():
        try:
            step.run(stage)
        except Exception as error:
            record.failure = str(error) or repr(error)
            print(f"    ✗ BROKEN OFF: {record.failure}", flush=True)
            (stage.lab.workspace.logs / f"{step.name}.log").write_text(traceback.format_exc())
    print(f"  {record.seconds:.0f} s", flush=True)
    if not record.kept:
        _save_host_logs(stage, step)


def _save_host_logs(stage: Stage, step: Step) -> None:
    """What the host can say about a step that went wrong, before the next one changes it."""
    if stage.a_host is not None:
        with suppress(ProgramFailedError):
            said = stage.host.ssh(HOST_LOGS, timeout=120)
            (stage.lab.workspace.logs / f"{step.name}-host.log").write_text(said)


def _end(rehearsal: Rehearsal, before: traces.Machine | None) -> None:
    """Clean up, see that nothing is left, and report; all of it whatever happened before."""
    workspace, stage = rehearsal.workspace, rehearsal.stage
    if stage is not None:
        stage.operator.leave()
    if not rehearsal.kept:
        shutil.copytree(workspace.logs, rehearsal.folder / "logs")
    if rehearsal.wishes.keep:
        print("\nThe host is still up: `python -m rehearsal host status` says how to log in.")
    else:
        rehearsal.records.append(_clean_up(workspace, before))
    if stage is not None:
        write_reports(rehearsal.folder, stage, rehearsal.records, rehearsal.began)
    if not rehearsal.kept:
        print(f"Logs: {rehearsal.folder / 'logs'}", flush=True)


def _clean_up(workspace: Workspace, before: traces.Machine | None) -> StepRecord:
    record = StepRecord("cleanup", "The machine afterwards")
    print(f"\n{record.title} ({record.name})", flush=True)
    with record.timed():
        marks = lab.marks(workspace)
        lab.down(workspace)
        left = traces.remains(workspace, marks)
        record.expect(
            "Nothing is left: process, mount, interface, control group, container",
            not left,
            "; ".join(left) or "nothing",
        )
        if before is not None:
            changed = traces.changes(before, traces.look())
            record.expect(
                "Packet filter, kernel settings, /etc and /usr/local are as they were",
                not changed,
                "; ".join(changed[:10]) or f"{len(before.settings)} settings the same",
            )
    return record


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Nobody who presses Ctrl-C twice keeps the rehearsal from cleaning up."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, lambda *_: print("Cleaning up, a moment ...", flush=True))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
