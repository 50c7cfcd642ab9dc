"""Ten updates, or as many as the environment's UPDATES says, while 200 people use the bot."""

from __future__ import annotations

import os
import statistics

from rehearsal.containers import inspect
from rehearsal.repository import harmless
from rehearsal.stage import Stage

UPDATES = int(os.environ.get("UPDATES") or 10)
UPDATE_SECONDS = 45
POLL_SILENCE_SECONDS = 0.5
ANSWER_SILENCE_SECONDS = 1.2


def run(stage: Stage) -> None:
    """Deploy the releases, then once without a change."""
    expect = stage.record.expect
    before = inspect(stage.host)
    polls, answers, seconds = [], [], []
    for number in range(1, UPDATES + 1):
        commit = stage.repository.release(f"Release {number}", harmless(number))
        with stage.drill(f"Update {number}") as drill:
            drill.mark("update.yml")
            play = stage.must_play("update.yml")
            drill.mark("done")
        polls.append(drill.poll_silence)
        answers.append(drill.answer_silence)
        seconds.append(play.seconds)
        if inspect(stage.host)["app"].commit != commit:
            expect(f"Update {number} is live", False, inspect(stage.host)["app"].commit)
        account = drill.account
        print(
            f"      silence {drill.poll_silence:.2f} s between polls,"
            f" {drill.answer_silence:.2f} s between answers; {account}",
            flush=True,
        )

    drills = stage.drills[-UPDATES:]
    accounts = [drill.account for drill in drills if drill.account]
    asked = sum(account.asked for account in accounts)
    lost = sum(account.lost for account in accounts)
    twice = sum(account.duplicated for account in accounts)
    late = sum(account.late for account in accounts)
    expect("No message is lost", asked > 0 and lost == 0, f"{lost} of {asked}")
    expect("No message is answered twice", twice == 0, f"{twice} of {asked}")
    expect("No answer is late (more than 5 s)", late == 0, f"{late} of {asked}")
    _median(stage, "Silence from poll to poll", polls, POLL_SILENCE_SECONDS)
    _median(stage, "Silence from answer to answer", answers, ANSWER_SILENCE_SECONDS)
    slowest = max(seconds)
    stage.record.at_most(
        "The slowest update with a change of code",
        slowest,
        UPDATE_SECONDS,
        seen=f"{slowest:.1f} s (median {statistics.median(seconds):.1f} s)",
    )
    after = inspect(stage.host)
    untouched = all(
        before[name].started_at == after[name].started_at for name in ("postgres", "redis")
    )
    expect("PostgreSQL and Redis kept running", untouched, after["postgres"].started_at[:19])

    idle = stage.must_play("update.yml")
    last = inspect(stage.host)
    restarted = [name for name in last if last[name].started_at != after[name].started_at]
    stage.record.at_most(
        "Containers restarted by an update with nothing new",
        len(restarted),
        0,
        "",
        ", ".join(restarted) or f"none, in {idle.seconds:.1f} s",
    )


def _median(stage: Stage, what: str, values: list[float], most: float) -> None:
    median = statistics.median(values)
    seen = f"{median:.2f} s (worst {max(values):.2f} s)"
    stage.record.at_most(f"{what}, median of {len(values)}", median, most, seen=seen)
