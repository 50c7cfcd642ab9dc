"""Kills, outages and a full disk, in turn, while 200 people use the bot."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from rehearsal.containers import inspect
from rehearsal.drills import Drill
from rehearsal.fault_injection import exhaust_memory, full_disk, kill, stopped, unreachable
from rehearsal.lab.host import Host
from rehearsal.stage import Stage
from simulators.control import wait_until

OUTAGE_SECONDS = 15
BACK_SECONDS = 10
# Telegram may have accepted any message in flight when it became unreachable. At 20 messages per
# second seldom more than two are in flight, of at most six.
ON_THEIR_WAY = 3
# TCP retries with growing pauses after lost packets.
BACK_AFTER_OUTAGE_SECONDS = 40
UNDISTURBED_SECONDS = 2
DIGEST_READER = 4_000_003


def run(stage: Stage) -> None:
    """Each fault in turn, each followed by a quiet period."""
    _crash(stage, "SIGKILL to the app", "app", lambda host: kill(host, "hnpal-app"))
    _crash(stage, "The app out of memory", "app", lambda host: exhaust_memory(host, "hnpal-app"))
    _crash(
        stage,
        "Restart of PostgreSQL",
        "postgres",
        lambda host: host.ssh("docker restart hnpal-postgres", timeout=120),
    )
    _crash(stage, "SIGKILL to PostgreSQL", "postgres", lambda host: kill(host, "hnpal-postgres"))
    _redis(stage)
    _full_disk(stage)
    _telegram(stage)
    _model(stage)
    _bucket(stage)


def _crash(stage: Stage, what: str, service: str, crash: Callable[[Host], object]) -> None:
    """A process dies and is restarted automatically."""
    before = inspect(stage.host)
    with stage.drill(what) as drill:
        drill.mark(what)
        crash(stage.host)
        drill.mark("done")
        _wait_for_answers(stage, drill)
    after = inspect(stage.host)
    died = before[service].started_at != after[service].started_at
    others = [name for name in before if name != service]
    alone = all(before[name].started_at == after[name].started_at for name in others)
    expect = stage.record.expect
    expect(f"{what}: it restarts by itself, and nothing else does", died and alone)
    stage.record.at_most(f"{what}: silence between answers", drill.answer_silence, BACK_SECONDS)
    # Killed between Telegram's acceptance and the record of it: messages in flight may be repeated.
    stage.expect_nothing_lost(drill, what, in_flight=1 if service == "app" else 0)


def _redis(stage: Stage) -> None:
    what = "Loss of Redis"
    drill = _outage(stage, what, stopped(stage.host, "hnpal-redis"))
    _expect_undisturbed(stage, what, drill)
    stage.expect_nothing_lost(drill, what)


def _full_disk(stage: Stage) -> None:
    what = "A full disk"
    left = stage.host.ssh("df --output=avail /var/lib/docker | tail -1").strip()
    before = inspect(stage.host)
    drill = _outage(stage, what, full_disk(stage.host))
    back = _back_after(stage, drill)
    stage.record.at_most(
        f"{what}: from free space to a reply",
        back,
        BACK_AFTER_OUTAGE_SECONDS,
        seen=f"{back:.1f} s; {int(left) // 1024} MiB were filled",
    )
    ran_on = all(
        before[name].started_at == one.started_at for name, one in inspect(stage.host).items()
    )
    print(f"      every container ran on: {ran_on}", flush=True)
    stage.expect_nothing_lost(drill, what)


def _telegram(stage: Stage) -> None:
    what = "Telegram unreachable"
    outside = stage.lab.for_host
    drill = _outage(stage, what, unreachable(stage.host, outside.telegram))
    stage.record.at_most(
        f"{what}: from its return to a reply",
        _back_after(stage, drill),
        BACK_AFTER_OUTAGE_SECONDS,
    )
    stage.expect_nothing_lost(drill, what, in_flight=ON_THEIR_WAY)


def _model(stage: Stage) -> None:
    what = "The language model unreachable"

    def ask_for_a_digest() -> None:
        for words in "/start", "/digest":
            stage.telegram.say(DIGEST_READER, words)

    drill = _outage(
        stage, what, unreachable(stage.host, stage.lab.for_host.llm), meanwhile=ask_for_a_digest
    )
    _expect_undisturbed(stage, what, drill)
    try:
        wait_until(lambda: _digest(stage), "digest", seconds=60)
    except AssertionError as nothing:
        stage.record.expect(f"{what}: a digest arrives all the same", False, nothing)
    else:
        stage.record.expect(f"{what}: a digest comes all the same", True)
    stage.expect_nothing_lost(drill, what)


def _bucket(stage: Stage) -> None:
    what = "The bucket unreachable"
    plays = []

    def back_up() -> None:
        plays.append(stage.play("backup.yml"))

    drill = _outage(stage, what, unreachable(stage.host, stage.lab.for_host.aws), meanwhile=back_up)
    expect = stage.record.expect
    _expect_undisturbed(stage, what, drill)
    failed = not plays[0].succeeded and "only on this host" in plays[0].output
    expect(f"{what}: a backup fails and is kept on the host", failed)
    stage.expect_nothing_lost(drill, what)
    before = len(_dumps(stage))
    again = stage.play("backup.yml")
    expect(
        f"{what}: the next backup uploads both to the bucket",
        again.succeeded and len(_dumps(stage)) >= before + 2,
        f"{len(_dumps(stage)) - before} dumps more",
    )


def _outage(
    stage: Stage,
    what: str,
    trouble: AbstractContextManager[object],
    meanwhile: Callable[[], None] = lambda: None,
) -> Drill:
    with stage.drill(what) as drill:
        with trouble:
            drill.mark(what)
            until = time.monotonic() + OUTAGE_SECONDS
            meanwhile()
            time.sleep(max(0.0, until - time.monotonic()))
        drill.mark("over")
        _wait_for_answers(stage, drill)
    return drill


def _wait_for_answers(stage: Stage, drill: Drill) -> None:
    """Send commands until a reply arrives after the last mark."""
    deadline = time.monotonic() + 2 * BACK_AFTER_OUTAGE_SECONDS
    while time.monotonic() < deadline and not _answered_since(stage, drill):
        time.sleep(0.2)


def _answered_since(stage: Stage, drill: Drill) -> list[float]:
    stage.load.read()
    over = drill.marks[-1].at
    return [answer.at for answer in stage.load.answers if answer.at > over]


def _back_after(stage: Stage, drill: Drill) -> float:
    answers = _answered_since(stage, drill)
    return min(answers, default=float("inf")) - drill.marks[-1].at


def _expect_undisturbed(stage: Stage, what: str, drill: Drill) -> None:
    silence = drill.answer_silence
    stage.record.at_most(
        f"{what}: no effect for readers, silence between replies",
        silence,
        UNDISTURBED_SECONDS,
        seen=f"{silence:.2f} s",
    )


def _digest(stage: Stage) -> bool | None:
    """A digest is a message with buttons, other than the welcome message."""
    messages = stage.telegram.messages(DIGEST_READER)[1:]
    return True if any("reply_markup" in message for message in messages) else None


def _dumps(stage: Stage) -> list[str]:
    return [name for name in stage.lab.objects(stage.bucket, "backups/") if ".dump" in name]
