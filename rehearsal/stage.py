"""The environment of a rehearsal's step."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.drills import Drill
from rehearsal.lab.host import Host, power_off
from rehearsal.lab.inventory import BUCKET, write_inventory
from rehearsal.lab.lab import Lab
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.load import Load
from rehearsal.operators import Operator, Play
from rehearsal.promises import StepRecord
from rehearsal.repository import Repository
from simulators.control import TelegramControl

# Load before and after a drill, so that its picture also shows the normal state.
LEAD_SECONDS = 2.0
WARM_UP_SECONDS = 1.0
BACK_SECONDS = 180
# A container has its machine's boot id.
WHICH_BOOT = "echo $(cat /proc/sys/kernel/random/boot_id) $(cut -d' ' -f22 /proc/1/stat)"


class StepFailedError(Exception):
    """A step cannot continue; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class ChaosOptions:
    """The options of the step `chaos`."""

    seed: int = 1
    first: int = 1
    """The number of the first round to play."""
    faults: int = 6
    """The number of rounds."""
    minutes: int = 24 * 60
    """After this time no further fault is begun."""


@dataclass(slots=True)
class Stage:
    """The lab, the operator, the load, and the results so far."""

    lab: Lab
    operator: Operator
    repository: Repository
    telegram: TelegramControl
    load: Load
    record: StepRecord
    drills: list[Drill] = field(default_factory=list)
    bucket: str = BUCKET
    secrets: dict[str, str] = field(default_factory=dict)
    a_host: Host | None = None
    host_kind: str = "no host"
    chaos: ChaosOptions = field(default_factory=ChaosOptions)
    cuts: tuple[str, ...] = ()
    """The kinds of runs that the step `cut` interrupts; empty means all."""

    @property
    def host(self) -> Host:
        if self.a_host is None:
            raise StepFailedError("There is no host. Run the step `host` first.")
        return self.a_host

    def play(self, playbook: str, *arguments: str, inventory: Path | None = None) -> Play:
        """Run a playbook as the operator, and print its duration."""
        play = self.operator.play(playbook, *arguments, inventory=inventory)
        words = " ".join([playbook, *arguments])
        how = "ok" if play.succeeded else "failed"
        print(f"    {words}: {how}, {play.changed} changed, {play.seconds:.1f} s", flush=True)
        return play

    def must_play(self, playbook: str, *arguments: str) -> Play:
        """Run a playbook that the step depends on.

        Raises:
            StepFailedError: it fails.
        """
        play = self.play(playbook, *arguments)
        if not play.succeeded:
            raise StepFailedError(f"{playbook} failed:\n{play.last_words}")
        return play

    @contextmanager
    def drill(self, name: str) -> Iterator[Drill]:
        """A drill under constant load; its results are set after the block."""
        drill = Drill(name, self.record.name)
        with self.load.running():
            # The poll before the first command waited for it; that does not count as silence.
            time.sleep(WARM_UP_SECONDS)
            drill.began = time.time()
            time.sleep(LEAD_SECONDS)
            yield drill
            time.sleep(LEAD_SECONDS)
        self.measure(drill)
        self.drills.append(drill)

    def measure(self, drill: Drill) -> None:
        """Compute the results of a drill that ends now."""
        drill.ended = time.time()
        drill.account = self.load.account(drill.began, drill.ended)
        drill.poll_silence = self.load.poll_silence(drill.began, drill.ended)
        drill.answer_silence = self.load.answer_silence(drill.began, drill.ended)

    def expect_nothing_lost(self, drill: Drill, what: str, in_flight: int = 0) -> None:
        """Check that a drill lost no message and repeated at most those in flight.

        `in_flight` messages may be repeated: the Bot API cannot tell whether an interrupted request
        was accepted.
        """
        account = drill.account
        assert account is not None, "the drill is over"
        kept = account.asked > 0 and account.lost == 0 and account.duplicated <= in_flight
        twice = f"at most {in_flight} in flight twice" if in_flight else "nothing twice"
        self.record.expect(f"{what}: nothing lost, {twice}", kept, account)

    def boot(self) -> str:
        """Identifies the host's current boot: by its kernel's boot id, and its first process's
        start.
        """
        return self.host.ssh(f"echo $({WHICH_BOOT})").strip()

    def reboot(self) -> None:
        """Reboot the host, and wait until it accepts logins again."""
        boot = self.boot()
        self.operator.disconnect()
        with suppress(ProgramFailedError):  # the connection ends with the host
            self.host.ssh("systemctl reboot", timeout=20)
        self._after_boot(boot)

    def power_off(self) -> None:
        """Switch the host off and on, and wait until it accepts logins again."""
        boot = self.boot()
        self.operator.disconnect()
        power_off(self.lab.engine.docker)
        self._after_boot(boot)

    def _after_boot(self, boot: str) -> None:
        self.wait_for_reboot(boot)
        lab = self.lab
        limit = BACK_SECONDS * self.record.patience
        self.a_host = lab.find_host(limit)
        # Its address may be another one.
        write_inventory(lab.workspace, self.host, lab.for_host, self.bucket)

    def wait_for_reboot(self, boot: str, seconds: float = 60) -> None:
        """Wait until the host's boot differs from `boot`."""
        self.wait_for(f'test "$({WHICH_BOOT})" != "{boot}"', seconds)

    def wait_for(self, check: str, seconds: float) -> bool:
        """Wait until a shell command succeeds on the host, for at most `seconds` times the
        patience.
        """

        def succeeds() -> bool:
            try:
                self.host.ssh(check, timeout=20)
            except ProgramFailedError:
                return False
            return True

        return self.wait_until(succeeds, seconds)

    def wait_until(self, check: Callable[[], bool], seconds: float) -> bool:
        """Wait until a check is true, for at most `seconds` times the patience; returns whether
        it is.
        """
        deadline = time.monotonic() + seconds * self.record.patience
        while time.monotonic() < deadline:
            if check():
                return True
            time.sleep(0.5)
        return False
