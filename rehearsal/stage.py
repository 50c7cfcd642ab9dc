"""All that a step of the rehearsal works with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rehearsal.drills import Drill
from rehearsal.lab.host import Host
from rehearsal.lab.inventory import BUCKET
from rehearsal.lab.lab import Lab
from rehearsal.lab.programs import ProgramFailedError
from rehearsal.load import Load
from rehearsal.operators import Operator, Play
from rehearsal.outside.control import TelegramControl
from rehearsal.promises import StepRecord
from rehearsal.repository import Repository

# Load before and after a drill, so that its picture shows how things are when nothing happens.
LEAD_SECONDS = 3.0
WARM_UP_SECONDS = 1.0
# A container keeps its machine's boot id.
WHICH_BOOT = "echo $(cat /proc/sys/kernel/random/boot_id) $(cut -d' ' -f22 /proc/1/stat)"


class StepFailedError(Exception):
    """A step cannot go on; the message says what it needed."""


@dataclass(slots=True)
class Stage:
    """The lab, the people in it, and what is known so far."""

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

    @property
    def host(self) -> Host:
        if self.a_host is None:
            raise StepFailedError("There is no host: the step `host` has to come first.")
        return self.a_host

    def play(self, playbook: str, *arguments: str) -> Play:
        """Let the operator run a playbook, and say how long it took."""
        play = self.operator.play(playbook, *arguments)
        words = " ".join([playbook, *arguments])
        how = "ok" if play.succeeded else "failed"
        print(f"    {words}: {how}, {play.changed} changed, {play.seconds:.1f} s", flush=True)
        return play

    def must_play(self, playbook: str, *arguments: str) -> Play:
        """Run a playbook without whose success the step makes no sense.

        Raises:
            StepFailedError: when it fails.
        """
        play = self.play(playbook, *arguments)
        if not play.succeeded:
            raise StepFailedError(f"{playbook} failed:\n{play.last_words}")
        return play

    @contextmanager
    def drill(self, name: str) -> Iterator[Drill]:
        """Do something under steady load; afterwards the drill knows what became of it."""
        drill = Drill(name, self.record.name)
        with self.load.running():
            # The poll before the first question waited for it: that is no silence.
            time.sleep(WARM_UP_SECONDS)
            drill.began = time.time()
            time.sleep(LEAD_SECONDS)
            yield drill
            time.sleep(LEAD_SECONDS)
        self.measure(drill)
        self.drills.append(drill)

    def measure(self, drill: Drill) -> None:
        """Take stock of a drill that ends now."""
        drill.ended = time.time()
        drill.account = self.load.account(drill.began, drill.ended)
        drill.poll_silence = self.load.poll_silence(drill.began, drill.ended)
        drill.answer_silence = self.load.answer_silence(drill.began, drill.ended)

    def expect_nothing_lost(self, drill: Drill, what: str, in_flight: int = 0) -> None:
        """Hold a drill's account against the first promise of all.

        `in_flight` messages may be repeated: the Bot API has no way to ask whether what was cut off
        had been taken.
        """
        account = drill.account
        assert account is not None, "the drill is over"
        kept = account.asked > 0 and account.lost == 0 and account.duplicated <= in_flight
        twice = f"at most {in_flight} in flight twice" if in_flight else "nothing twice"
        self.record.expect(f"{what}: nothing lost, {twice}", kept, account)

    def boot(self) -> str:
        """Names the host's present boot: by its kernel's, and its first process's start."""
        return self.host.ssh(f"echo $({WHICH_BOOT})").strip()

    def wait_for_reboot(self, boot: str, seconds: float = 60) -> None:
        """Wait until the host's boot is another one than `boot`."""
        self.wait_for(f'test "$({WHICH_BOOT})" != "{boot}"', seconds)

    def wait_for(self, check: str, seconds: float) -> bool:
        """Wait until a shell command succeeds on the host, as long as there is patience."""
        deadline = time.monotonic() + seconds * self.record.patience
        while time.monotonic() < deadline:
            try:
                self.host.ssh(check, timeout=20)
            except ProgramFailedError:
                time.sleep(0.5)
            else:
                return True
        return False
