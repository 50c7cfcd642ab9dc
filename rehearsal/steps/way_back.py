"""From the previous release, on separate volumes, to this one, back, and forward again.

Each time the queues are full: Telegram accepts nothing while people write, request exports and
receive digests, and the operator sends news to everybody.
"""

from __future__ import annotations

import json
import time

from rehearsal.containers import healthy, inspect
from rehearsal.database import query, wait_for_queues
from rehearsal.lab.secrets import ADMIN_CHAT
from rehearsal.stage import Stage

BEFORE = "73f7414"
READERS = range(6_000_001, 6_000_041)
EXPORTERS = READERS[:5]
# How long Telegram accepts nothing: until the play is in progress.
REFUSED_SECONDS = 25
RETRY_AFTER = 2
# The most messages in flight when a process ends.
IN_FLIGHT = 6
SETTLE_SECONDS = 180
OLD_VOLUMES = "cd /opt/hnpal/app && docker compose down --volumes --timeout 20"
LOST = "SELECT count(*) FROM outbox WHERE state IN ('failed', 'uncertain') AND chat_id <> 0"


def run(stage: Stage) -> None:
    """Three moves, and an account of all messages at the end."""
    newest = inspect(stage.host)["app"].commit
    stage.host.ssh(OLD_VOLUMES, timeout=120)
    stage.must_play("site.yml", "-e", f"app_ref={BEFORE}")
    commit = inspect(stage.host)["app"].commit
    stage.record.expect(
        "The previous release runs on separate volumes", commit.startswith(BEFORE), commit[:10]
    )
    _welcome(stage)
    to_newest = ("-e", f"app_ref={newest}")
    _move(stage, 1, "From the previous release to this one", newest, "site.yml", *to_newest)
    far = ("-e", "app_rollback_far=true", "-e", f"app_rollback_to={BEFORE}")
    _move(stage, 2, "Back to the previous release", BEFORE, "rollback.yml", *far)
    _move(stage, 3, "And to this one again", newest, "site.yml", *to_newest)
    _account(stage)


def _welcome(stage: Stage) -> None:
    people = [{"chat_id": chat, "text": "/start"} for chat in (*READERS, ADMIN_CHAT)]
    stage.telegram.post("say", people)
    for chat in READERS:
        stage.telegram.wait_for_messages(chat, 1, seconds=60 * stage.record.patience)
    query(stage.host, "UPDATE readers SET paused_at = NULL, onboarding = NULL")


def _move(stage: Stage, number: int, what: str, commit: str, play: str, *options: str) -> None:
    with stage.drill(what) as drill:
        _fill(stage, number)
        drill.mark(play)
        played = stage.must_play(play, *options)
        drill.mark("done")
        wait_for_queues(stage.host, SETTLE_SECONDS * stage.record.patience)
    live = inspect(stage.host)["app"].commit
    kept = live.startswith(commit) and healthy(stage.host)
    stage.record.expect(f"{what}: it is live", kept, f"{live[:10]} in {played.seconds:.1f} s")
    stage.expect_nothing_lost(drill, what, IN_FLIGHT)


def _fill(stage: Stage, number: int) -> None:
    """Fill every queue."""
    telegram = stage.telegram
    telegram.say(ADMIN_CHAT, f"/broadcast News {number}")
    found = None
    deadline = time.monotonic() + 30 * stage.record.patience
    while found is None and time.monotonic() < deadline:
        found = _send_button(stage, number)
        time.sleep(0.2)
    telegram.trouble(
        "sendMessage",
        "status",
        status=429,
        description=f"Too Many Requests: retry after {RETRY_AFTER}",
        retry_after=RETRY_AFTER,
        for_seconds=REFUSED_SECONDS * stage.record.patience,
    )
    if found is not None:
        telegram.post("press", found)
    stage.record.expect(f"News {number} are on their way", found is not None)
    query(
        stage.host,
        f"""
        UPDATE readers SET next_digest_at = now(), last_digest_on = last_digest_on - 2
        WHERE chat_id BETWEEN {READERS[0]} AND {READERS[-1]}
        """,
    )
    asking = [{"chat_id": chat, "text": "/export_my_data"} for chat in EXPORTERS]
    telegram.post("say", asking if number == 1 else [])
    telegram.trouble("sendDocument", "drop", times=1)  # in doubt when the other release starts


def _send_button(stage: Stage, number: int) -> dict[str, object] | None:
    """The button that sends the operator's news."""
    for message in reversed(stage.telegram.messages(ADMIN_CHAT)):
        for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
            for button in row:
                data = str(button.get("callback_data", ""))
                if data == f"broadcast:{number}:send":
                    message_id = message["message_id"]
                    return {"chat_id": ADMIN_CHAT, "message_id": message_id, "data": data}
    return None


def _account(stage: Stage) -> None:
    expect = stage.record.expect
    waiting = wait_for_queues(stage.host, SETTLE_SECONDS * stage.record.patience)
    lost = int(query(stage.host, LOST))
    expect("No message is left in the queues or was given up", lost + waiting == 0, lost + waiting)
    texts = {
        chat: [json.dumps(message) for message in stage.telegram.messages(chat)] for chat in READERS
    }
    for number in (1, 2, 3):
        missing = sum(not any(f"News {number}" in one for one in said) for said in texts.values())
        expect(f"News {number} reached every reader", missing == 0, f"{missing} without")
    missing = sum(not any('"document"' in one for one in texts[chat]) for chat in EXPORTERS)
    expect("Every export arrived", missing == 0, f"{missing} without")
    unseen = int(
        query(
            stage.host,
            """
            SELECT count(*) FROM digest_stories WHERE NOT seen AND digest_id IN (
              SELECT digest_id FROM outbox WHERE state = 'sent')
            """,
        )
    )
    expect("No story of a received digest can be sent again", unseen == 0, unseen)
