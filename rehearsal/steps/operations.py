"""The operator's daily commands: maintenance, audit, hooks, consoles, doctor, heartbeat."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rehearsal.containers import healthy, inspect
from rehearsal.database import query, wait_for_queues
from rehearsal.fake_server import serving
from rehearsal.fault_injection import diverted, unreachable
from rehearsal.heartbeats import Heartbeats, listening
from rehearsal.lab.inventory import changed_variables
from rehearsal.lab.secrets import write_secrets
from rehearsal.repository import harmless
from rehearsal.stage import Stage
from simulators.control import wait_until

CHATS = range(7_000_001, 7_000_011)
NOTICE = "down for maintenance"
METRICS = "/var/lib/hnpal-metrics"
WAIT_SECONDS = 60
# The app sends a heartbeat every minute; without one for longer, there is none.
SILENCE_SECONDS = 70
# An answered poll counts for a minute.
POLLED_SECONDS = 65
# An update and the limit of the log's way into the bucket (app_log_timeout).
HANGING_SECONDS = 90
REFUSING = "#!/bin/sh\necho 'the tests of the rehearsal failed'\nexit 1\n"
NOTING = """#!/bin/sh
echo "$HNPAL_HOOK $HNPAL_COMMIT_BEFORE $HNPAL_COMMIT_AFTER $HNPAL_RESULT" >>{}
"""
DAMAGE = """
cd /opt/hnpal
touch --date='10 minutes ago' app/.git/index.lock
printf '\\n\\n{"at": "2026-' >>releases.jsonl
: >images.lock.json
cd app && docker compose rm --stop --force app && docker compose create --no-build app
"""
CUT_OFF = """
docker network disconnect --force hnpal_data hnpal-app
: >/opt/hnpal/images.lock.json
"""
NETWORKS_OF_APP = (
    "docker inspect --format '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}'"
    " hnpal-app"
)
STATE_OF_APP = "docker inspect --format '{{.State.Status}}' hnpal-app"


def run(stage: Stage) -> None:
    """Each in turn; every release is one that is needed anyway."""
    address = stage.lab.for_host.telegram.partition(":")[0]
    with listening(address) as heartbeats, _watched(stage, heartbeats):
        _maintenance(stage)
        _hooks(stage)
        _consoles(stage)
        _heartbeat(stage, heartbeats)
        _hanging_bucket(stage)
    _cut_off(stage)
    _doctor(stage)


@contextmanager
def _watched(stage: Stage, heartbeats: Heartbeats) -> Iterator[None]:
    """With a dead man's service and a file of figures, from the next release on."""
    stage.secrets = write_secrets(stage.lab.workspace, app_heartbeat_url=heartbeats.address)
    try:
        with changed_variables(stage.lab.workspace, app_metrics_directory=METRICS):
            yield
    finally:
        stage.secrets = write_secrets(stage.lab.workspace, app_heartbeat_url="")


def _maintenance(stage: Stage) -> None:
    """An update in the middle of maintenance, which keeps everything until its end."""
    expect = stage.record.expect
    on = stage.operator.make("maintenance", "ON=1", "FOR=10m")
    expect("make maintenance ON=1", on.succeeded and "has been on since" in on.output, on.last_line)
    begun = "docker exec hnpal-app python -m app.health | grep --quiet 'in maintenance'"
    expect("It begins", stage.wait_for(begun, WAIT_SECONDS))
    _ask(stage, 1)
    for chat in CHATS:
        stage.telegram.wait_for_messages(chat, 1, seconds=WAIT_SECONDS * stage.record.patience)
    status = stage.play("status.yml").output
    expect("status.yml shows it", "IN MAINTENANCE" in status)
    commit = stage.repository.release("In the middle of maintenance", harmless(500))
    stage.must_play("update.yml")
    _ask(stage, 2)
    held = len(CHATS) * 2
    waiting = _wait_for_held(stage, held)
    shown = stage.operator.make("maintenance")
    expect(
        "It outlasts an update, and keeps every message",
        inspect(stage.host)["app"].commit == commit and f"{held} updates wait" in shown.output,
        f"{waiting} held; {shown.last_line}",
    )
    said = [_texts(stage, chat) for chat in CHATS]
    expect(
        "Each chat was told in one sentence, once",
        all(len(texts) == 1 and NOTICE in texts[0] for texts in said),
        f"{sum(map(len, said))} messages to {len(CHATS)} chats",
    )
    off = stage.operator.make("maintenance", "OFF=1")
    wait_for_queues(stage.host, WAIT_SECONDS * stage.record.patience)
    answers = {chat: [text for text in _texts(stage, chat) if NOTICE not in text] for chat in CHATS}
    wrong = {chat: texts for chat, texts in answers.items() if not _answered_once(texts)}
    expect(
        "make maintenance OFF=1: each message is answered exactly once",
        off.succeeded and not wrong,
        wrong or f"{sum(map(len, answers.values()))} answers to {held} messages",
    )


def _hooks(stage: Stage) -> None:
    """A hook that refuses; then a run that is killed, the record of it, and one that converges."""
    expect, operator = stage.record.expect, stage.operator
    before, old = inspect(stage.host)["app"], stage.host.ssh("git -C /opt/hnpal/app rev-parse HEAD")
    commit = stage.repository.release("What a hook refuses", harmless(501))
    noted = stage.lab.workspace.run / "hooks.noted"
    noted.unlink(missing_ok=True)
    with _hook(operator.clone, "pre-release", REFUSING):
        refused = stage.play("update.yml")
    after, now = inspect(stage.host)["app"], stage.host.ssh("git -C /opt/hnpal/app rev-parse HEAD")
    expect(
        "A hook before the release that fails ends the play, and the bot is untouched",
        not refused.succeeded
        and "Nothing that runs was changed" in " ".join(refused.output.split())
        and (after, now) == (before, old),
        f"{after.commit[:10]} runs since {after.started_at}",
    )
    run = operator.start("update.yml")
    wait_until(
        lambda: True if "Build" in run.output() or run.process.poll() is not None else None,
        "build of the image",
        WAIT_SECONDS * stage.record.patience,
    )
    run.kill()
    killed = operator.make("audit")
    newest = _row(killed.output, "update.yml")
    expect("make audit shows a run that was killed as unfinished", "UNFINISHED" in newest, newest)
    note = NOTING.format(noted)
    with _hook(operator.clone, "pre-release", note), _hook(operator.clone, "post-release", note):
        again = stage.play("update.yml")
    live = inspect(stage.host)["app"].commit
    expect(
        "The next update.yml converges",
        again.succeeded and live == commit and healthy(stage.host),
        f"{live[:10]} in {again.seconds:.1f} s",
    )
    newest = _row(operator.make("audit").output, "update.yml")
    expect("and is recorded as ok", " ok " in newest, newest)
    lines = noted.read_text().splitlines() if noted.exists() else []
    wanted = [
        f"pre-release {before.commit} {commit} ",
        f"post-release {before.commit} {commit} ok",
    ]
    expect("Its hooks ran before and after the release", lines == wanted, " | ".join(lines))


def _consoles(stage: Stage) -> None:
    expect, make = stage.record.expect, stage.operator.make
    asked = {
        "psql": ("SELECT 6 * 7 AS answer;\n", "42"),
        "python": ("print('forty', 6 * 7)\n", "forty 42"),
        "shell": ("echo forty $((6 * 7))\n", "forty 42"),
    }
    for program, (text, answer) in asked.items():
        said = make("console", f"WHAT={program}", text=text)
        expect(
            f"make console WHAT={program} takes its input from a pipe",
            said.succeeded and answer in said.output,
            said.last_line,
        )
    wrong = make("console", text="SELECT nothing;\nSELECT 'went on';\n")
    expect(
        "and psql ends with the first error",
        not wrong.succeeded and "went on" not in wrong.output,
        wrong.last_line,
    )
    logs = make("logs", seconds=15)
    shown = [line for line in logs.output.splitlines() if line.strip()]
    expect("make logs shows the bot's log", len(shown) > 3, f"{len(shown)} lines")


def _heartbeat(stage: Stage, heartbeats: Heartbeats) -> None:
    """It is called while all is well, and not while PostgreSQL or Telegram does not answer."""
    expect, patience = stage.record.expect, stage.record.patience
    fresh = f"test $(($(date +%s) - $(stat --format=%Y {METRICS}/hnpal.prom))) -lt 60"
    written = stage.wait_for(f"{fresh} && grep -q ^hnpal_polled {METRICS}/hnpal.prom", WAIT_SECONDS)
    expect("The file of figures is written", written)
    seen = heartbeats.wait_for_one(time.time() - 1, 2 * SILENCE_SECONDS * patience)
    expect("The dead man's service is called while all is well", seen, f"{heartbeats.count} times")
    stage.host.ssh("docker pause hnpal-postgres")
    try:
        paused = time.time()
        time.sleep(SILENCE_SECONDS)
        during = heartbeats.since(paused)
    finally:
        stage.host.ssh("docker unpause hnpal-postgres")
    again = heartbeats.wait_for_one(time.time(), 2 * SILENCE_SECONDS * patience)
    expect(
        "It is not called while PostgreSQL does not answer, and called again afterwards",
        during == 0 and again,
        f"{during} calls in {SILENCE_SECONDS} s",
    )
    with unreachable(stage.host, stage.lab.for_host.telegram):
        # The app serves for a while without a poll, so the first calls may still come.
        time.sleep(POLLED_SECONDS)
        silent = time.time()
        time.sleep(SILENCE_SECONDS)
        during = heartbeats.since(silent)
    again = heartbeats.wait_for_one(time.time(), 2 * SILENCE_SECONDS * patience)
    expect(
        "Nor once the polls of Telegram have stopped, and again after the next one",
        during == 0 and again,
        f"{during} calls in {SILENCE_SECONDS} s",
    )


def _hanging_bucket(stage: Stage) -> None:
    """The bucket accepts connections and never answers, from before an update to its end."""
    commit = stage.repository.release("While the bucket hangs", harmless(502))
    place = stage.lab.for_host.aws
    with (
        serving(place.partition(":")[0], "hang", place) as silent,
        diverted(stage.host, place, silent),
    ):
        play = stage.play("update.yml")
    live = inspect(stage.host)["app"].commit
    stage.record.expect(
        "update.yml releases although the bucket accepts connections and never answers",
        play.succeeded and live == commit and healthy(stage.host),
        f"{live[:10]} runs" if play.succeeded else play.last_words,
    )
    stage.record.at_most("update.yml while the bucket hangs", play.seconds, HANGING_SECONDS)


def _cut_off(stage: Stage) -> None:
    """Somebody disconnects the app from PostgreSQL, and a run has nothing new to release."""
    # Brings what the steps before have left: the settings without a dead man's service.
    stage.must_play("update.yml")
    before = inspect(stage.host)["app"].started_at
    stage.host.ssh(CUT_OFF)
    play = stage.play("update.yml")
    after = inspect(stage.host)["app"]
    networks = stage.host.ssh(NETWORKS_OF_APP)
    lock = stage.host.ssh("cat /opt/hnpal/images.lock.json")
    stage.record.expect(
        "update.yml with nothing new connects an app that was cut off from PostgreSQL again,"
        " and writes an emptied image lock anew",
        play.succeeded
        and "hnpal_data" in networks
        and after.started_at == before
        and "services" in lock
        and healthy(stage.host),
        f"{networks.strip()}, in {play.seconds:.1f} s",
    )


def _doctor(stage: Stage) -> None:
    """Damage by a killed run or by manual changes, and the play that repairs it."""
    expect = stage.record.expect
    commit = inspect(stage.host)["app"].commit
    stage.host.ssh(DAMAGE, timeout=120)
    state = stage.host.ssh(STATE_OF_APP).strip()
    status = stage.play("status.yml")
    told = ("NOT RUNNING", "git left a lock", "DAMAGED LINES", "images.lock.json DAMAGED")
    missing = [words for words in told if words not in status.output]
    expect(
        "status.yml answers, and names a lock of git, a damaged record and image lock, and the app",
        status.succeeded and not missing,
        f"not named: {', '.join(missing)}" if missing else f"the app is {state}",
    )
    doctor = stage.play("doctor.yml")
    lock = json.loads(stage.host.ssh("cat /opt/hnpal/images.lock.json"))
    expect(
        "doctor.yml repairs them",
        doctor.succeeded
        and healthy(stage.host)
        and inspect(stage.host)["app"].commit == commit
        and "services" in lock,
        f"in {doctor.seconds:.1f} s",
    )
    again = stage.play("doctor.yml")
    status = stage.play("status.yml")
    well = next(
        (line for line in status.output.splitlines() if line.strip().startswith("well")), ""
    )
    expect(
        "A second doctor.yml changes nothing, and status.yml names nothing of it",
        again.changed == 0 and not any(words in status.output for words in told),
        well,
    )


@contextmanager
def _hook(clone: Path, name: str, script: str) -> Iterator[None]:
    path = clone / "inventory/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(script)
    path.chmod(0o755)
    try:
        yield
    finally:
        path.unlink()


def _ask(stage: Stage, number: int) -> None:
    stage.telegram.post("say", [{"chat_id": chat, "text": f"/held{number}"} for chat in CHATS])


def _answered_once(texts: list[str]) -> bool:
    """Whether the answers are one for each of the two messages of a chat, in their order."""
    return len(texts) == 2 and all(f"/held{number}" in texts[number - 1] for number in (1, 2))


def _texts(stage: Stage, chat: int) -> list[str]:
    return [str(message.get("text", "")) for message in stage.telegram.messages(chat)]


def _wait_for_held(stage: Stage, count: int) -> int:
    asked = "SELECT count(*) FROM inbox WHERE state = 'pending' AND held_at IS NOT NULL"
    deadline = time.monotonic() + WAIT_SECONDS * stage.record.patience
    while (held := int(query(stage.host, asked))) < count and time.monotonic() < deadline:
        time.sleep(0.5)
    return held


def _row(output: str, play: str) -> str:
    """The newest row of a play in what `make audit` prints."""
    rows = (" ".join(line.split()) for line in output.splitlines())
    return next((row for row in rows if f" {play} " in f"{row} "), "")
