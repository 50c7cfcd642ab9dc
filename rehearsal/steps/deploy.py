"""Deploys to a bare host with one playbook, and runs it again without changes."""

from __future__ import annotations

import shlex
import time

from rehearsal.containers import inspect
from rehearsal.lab.secrets import bucket_key, write_secrets
from rehearsal.leaks import find_leaks
from rehearsal.stage import Stage

FRESH_SECONDS = 240
IDLE_SECONDS = 20
READER = 4_000_001
IMAGE_MEGABYTES = 150
# The newest layers, down to the first of the Dockerfile's last stage.
OWN_LAYERS = """
    docker history --human=false --no-trunc --format '{{.Size}} {{.CreatedBy}}' \
        "$(docker inspect --format '{{.Image}}' hnpal-app)" |
        awk '{bytes += $1} /useradd --uid 10001/ {print bytes; exit}'
"""
ASK_METADATA = """
import urllib.request
token = urllib.request.Request("http://169.254.169.254/latest/api/token", method="PUT")
token.add_header("X-aws-ec2-metadata-token-ttl-seconds", "60")
print(urllib.request.urlopen(token, timeout=3).read())
"""


def run(stage: Stage) -> None:
    """Deploy, check all promises, deploy again."""
    key = bucket_key(wanted=not stage.lab.has_role)
    stage.secrets = write_secrets(stage.lab.workspace, **key)
    stage.telegram.post("settings", {"token": stage.secrets["app_telegram_bot_token"]})
    expect = stage.record.expect
    first = stage.must_play("site.yml")
    measured = stage.record.at_most
    measured(
        "From a fresh host to a live bot, pulls of images included", first.seconds, FRESH_SECONDS
    )
    _look_at_host(stage)
    _send_start(stage)

    again = stage.must_play("site.yml")
    measured("Changes by a second site.yml", again.changed, 0, "", f"changed={again.changed}")
    measured("A second site.yml", again.seconds, IDLE_SECONDS)
    # Shows a difference: this setting is written to the files that contain secrets.
    checked = stage.play("site.yml", "--check", "--diff", "-e", '{"app_environment": {"X": "1"}}')
    expect("--check --diff works on an existing host", checked.succeeded)
    _search_for_secrets(stage)


def _look_at_host(stage: Stage) -> None:
    expect = stage.record.expect
    containers = inspect(stage.host)
    health = {service: container.health for service, container in containers.items()}
    expect(
        "Three services are healthy",
        len(health) == 3 and set(health.values()) == {"healthy"},
        ", ".join(f"{service} {state}" for service, state in health.items()),
    )
    megabytes = int(stage.host.ssh(OWN_LAYERS)) / 1e6
    stage.record.at_most("The image's own layers", megabytes, IMAGE_MEGABYTES, "MB")
    mode = stage.host.ssh("stat --format=%a:%U /opt/hnpal/.env").strip()
    expect("Only root can read the secrets' file", mode == "600:root", mode)
    mounted = stage.host.ssh("findmnt --noheadings --types fuse.s3fs /mnt/s3data || true")
    expect("The bucket is mounted", bool(mounted.strip()), mounted.strip() or "not mounted")
    how = stage.host.ssh("ps -C s3fs -o args=").strip()
    if stage.lab.has_role:
        by_role = "iam_role=auto" in how and "passwd_file" not in how
        expect("It is mounted with the host's role, through IMDSv2", by_role, _asked(stage))
        asks = "docker exec hnpal-app python -c " + shlex.quote(ASK_METADATA)
        heard = stage.host.ssh(f"{asks} 2>&1 || true").strip()
        expect("A container cannot use the role", "timed out" in heard, heard.rpartition("\n")[2])
    stage.host.ssh("date > /mnt/s3data/exports/rehearsal && sync")
    listed = stage.lab.objects(stage.bucket, "exports/")
    expect(
        "A file written there is in the bucket", "exports/rehearsal" in listed, ", ".join(listed)
    )


def _asked(stage: Stage) -> str:
    """The host's requests to its metadata service."""
    log = stage.host.ssh("journalctl --unit hnpal-metadata --output cat")
    tokens, refused = log.count('"PUT /latest/api/token'), log.count(" 401 ")
    return f"{tokens} tokens issued, {refused} requests without one refused"


def _send_start(stage: Stage) -> None:
    asked = time.time()
    stage.telegram.say(READER, "/start")
    try:
        stage.telegram.wait_for_messages(READER, 1, seconds=30 * stage.record.patience)
    except AssertionError as nothing:
        stage.record.expect("The bot answers /start", False, nothing)
    else:
        stage.record.expect("The bot answers /start", True, f"after {time.time() - asked:.2f} s")


def _search_for_secrets(stage: Stage) -> None:
    leaks = find_leaks(stage)
    stage.record.expect(
        "No secret in any output, log or process list", not leaks, "; ".join(leaks) or "none found"
    )
