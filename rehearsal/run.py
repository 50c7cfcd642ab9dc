"""Runs the rehearsal: its steps in order, the clean-up, and the reports."""

from __future__ import annotations

import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal import traces
from rehearsal.lab import lab, remote
from rehearsal.lab.images import SYSTEM
from rehearsal.lab.inventory import bucket_in
from rehearsal.lab.lab import CONTAINER
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.lab.secrets import read_secrets
from rehearsal.lab.services import origin
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.load import Load
from rehearsal.operators import Operator
from rehearsal.promises import StepRecord
from rehearsal.report.write import write_reports
from rehearsal.repository import Repository
from rehearsal.stage import ChaosOptions, Stage
from rehearsal.steps import STEPS, Step
from simulators.control import TelegramControl

HOST_LOGS = """
    journalctl --no-pager --lines 5000
    for container in $(docker ps --all --format '{{.Names}}'); do
        echo "=== $container"; docker logs --timestamps --tail 2000 $container 2>&1
    done
"""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a rehearsal."""

    steps: Sequence[str] = ()
    """Names of steps; empty means all."""
    keep: bool = False
    """Keep the host at the end."""
    again: bool = False
    """Use the host that an earlier run kept, and run only the named steps."""
    host: str = CONTAINER
    """The kind of host: `container`, `vm`, or `ssh://user@address`."""
    system: str = SYSTEM
    """The system of a container as host."""
    patience: float = 1.0
    """The factor for promised durations."""
    chaos: ChaosOptions = field(default_factory=ChaosOptions)
    cuts: tuple[str, ...] = ()
    """The kinds of runs that the step `cut` interrupts; empty means all."""


@dataclass(slots=True)
class Rehearsal:
    """A rehearsal, in progress or finished."""

    workspace: Workspace
    options: RunOptions
    steps: list[Step]
    folder: Path
    began: float = field(default_factory=time.time)
    records: list[StepRecord] = field(default_factory=list)
    stage: Stage | None = None

    @property
    def kept(self) -> bool:
        """Whether it ran to its end and every promise was kept."""
        done = len(self.records) >= len(self.steps)
        return done and all(record.kept for record in self.records)


def exit_code(act: Callable[[], int]) -> int:
    """Run `act` for a command; an expected error is printed in one line and returns 1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return act()
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except (LabError, ProgramFailedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1


def rehearse(workspace: Workspace, options: RunOptions) -> Rehearsal:
    """Run the requested steps and those they need."""
    steps = wanted_steps(options.steps, with_needs=not options.again)
    if remote.is_remote(options.host) and not options.steps:
        steps = [step for step in steps if step.anywhere]
    name = time.strftime("%Y-%m-%dT%H-%M-%SZ", time.gmtime())
    rehearsal = Rehearsal(workspace, options, steps, workspace.reports / name)
    rehearsal.folder.mkdir()
    before = None if options.again else traces.take_snapshot()
    if not options.again:
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
    """The named steps, or all, with those they need, in their order.

    Raises:
        LabError: no step has that name.
    """
    known = {step.name: step for step in STEPS}
    unknown = set(names) - known.keys()
    if unknown:
        raise LabError(f"There is no step {', '.join(unknown)}. The steps are {', '.join(known)}.")
    wanted = set(names or known)
    for step in reversed(STEPS):
        if step.name in wanted and with_needs:
            wanted.update(step.needs)
    return [step for step in STEPS if step.name in wanted]


def _stage(rehearsal: Rehearsal) -> Stage:
    workspace, options = rehearsal.workspace, rehearsal.options
    running_lab = lab.up(workspace, options.host, options.system)
    repository = origin(workspace)
    work = workspace.run / time.strftime("work-%H-%M-%S", time.gmtime(rehearsal.began))
    telegram = TelegramControl(f"http://{running_lab.outside.telegram}")
    stage = Stage(
        lab=running_lab,
        operator=Operator(workspace, work / "operator", repository, options.patience),
        repository=Repository(work / "releases", repository),
        telegram=telegram,
        load=Load(telegram),
        record=StepRecord("", ""),
        chaos=options.chaos,
        cuts=options.cuts,
    )
    if options.again:
        stage.a_host = running_lab.find_host()
        stage.bucket = bucket_in(workspace.inventory)
        stage.secrets = read_secrets(workspace)
    return stage


def _take(step: Step, stage: Stage, rehearsal: Rehearsal) -> None:
    records = rehearsal.records
    record = stage.record = StepRecord(step.name, step.title, rehearsal.options.patience)
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
    """Save the host's logs after a failed step, before the next one changes them."""
    if stage.a_host is not None:
        with suppress(ProgramFailedError):
            said = stage.host.ssh(HOST_LOGS, timeout=120)
            (stage.lab.workspace.logs / f"{step.name}-host.log").write_text(said)


def _end(rehearsal: Rehearsal, before: traces.Snapshot | None) -> None:
    """Clean up, check that nothing is left, and report, whatever happened before."""
    workspace, stage = rehearsal.workspace, rehearsal.stage
    if stage is not None:
        stage.operator.leave()
        wait([stage.lab.supplies])
    if not rehearsal.kept:
        shutil.copytree(workspace.logs, rehearsal.folder / "logs")
    if rehearsal.options.keep:
        print("\nThe host is still up: `python -m rehearsal host status` shows how to log in.")
    else:
        rehearsal.records.append(_clean_up(rehearsal, before))
    if stage is not None:
        write_reports(rehearsal.folder, stage, rehearsal.records, rehearsal.began)
    if not rehearsal.kept:
        print(f"Logs: {rehearsal.folder / 'logs'}", flush=True)


def _clean_up(rehearsal: Rehearsal, before: traces.Snapshot | None) -> StepRecord:
    workspace, stage = rehearsal.workspace, rehearsal.stage
    record = StepRecord("cleanup", "The machine after the rehearsal")
    print(f"\n{record.title} ({record.name})", flush=True)
    with record.timed():
        if stage is not None and stage.lab.remote is not None:
            kept = remote.restore_host(stage.lab.remote)
            shown = "; ".join(kept[:40]) + (f"; and {len(kept) - 40} more" * (len(kept) > 40))
            record.expect("What the host keeps is told", True, shown or "nothing: it is as it was")
            marks = []
        else:
            marks = lab.marks(workspace)
        lab.down(workspace)
        left = traces.leftovers(workspace, marks)
        record.expect(
            "Nothing is left: process, mount, interface, control group, container",
            not left,
            "; ".join(left) or "nothing",
        )
        if before is not None:
            changed = traces.changes(before, traces.take_snapshot())
            record.expect(
                "Packet filter, kernel settings, /etc and /usr/local are unchanged",
                not changed,
                "; ".join(changed[:10]) or f"{len(before.settings)} settings unchanged",
            )
    return record


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not interrupt the clean-up."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in handlers:
        signal.signal(number, lambda *_: print("Cleaning up, a moment ...", flush=True))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
