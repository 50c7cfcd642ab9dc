"""Upgrades of engine, PostgreSQL, Redis and the app's base under load, and what must not stay."""

from __future__ import annotations

import json
import re
import shlex
import time

from rehearsal.containers import healthy, inspect
from rehearsal.cuts import SHOW_TASKS
from rehearsal.lab import registry
from rehearsal.lab.secrets import ADMIN_CHAT
from rehearsal.stage import Stage

POSTGRES, REDIS, PYTHON = "postgres:15-alpine", "redis:7-alpine", "python:3.11-slim"
LOCK = "/opt/hnpal/images.lock.json"
RECOVERY_SECONDS = 20
BACK_SECONDS = 240
# The engine is not stopped: its containers run on. PostgreSQL and the app are replaced.
ENGINE_SILENCE_SECONDS = 2.0
DATA_SILENCE_SECONDS = 10.0
BASE_SILENCE_SECONDS = 1.2
VERSION = "docker exec hnpal-postgres postgres --version"
NEVER_HEALTHY = 'ENTRYPOINT ["sleep", "600"]'
MAJOR = "RUN printf '#!/bin/sh\\necho postgres \\(PostgreSQL\\) 16.1\\n' >$(command -v postgres)"
# A package archive of the host's own, with a newer minor and a newer major version of the engine,
# whose contents are those of today. It names Docker as its origin, as the real one does.
ARCHIVE = """
set -eu
archive=/var/lib/rehearsal-archive
mkdir -p $archive && cd $archive
apt-get download --quiet=2 docker-ce containerd.io
repack() { # package, version
    rm -rf tree && dpkg-deb --raw-extract $1_*.orig tree
    sed -i "s/^Version: .*/Version: $2/" tree/DEBIAN/control
    dpkg-deb --root-owner-group -Znone --build tree $1_new_$3.deb >/dev/null && rm -rf tree
}
for package in docker-ce containerd.io; do
    mv ${package}_*.deb ${package}_.orig
    now=$(dpkg-query --show --showformat '${Version}' $package)
    repack $package "$now+rehearsal1" minor
done
repack docker-ce "99.0.0-1" major
for deb in *.deb; do
    dpkg-deb --field $deb
    echo "Filename: ./$deb"
    echo "Size: $(stat --format=%s $deb)"
    echo "SHA256: $(sha256sum $deb | cut -d' ' -f1)"
    echo
done >Packages
printf 'Origin: Docker\\nLabel: Docker CE\\nSuite: rehearsal\\nSHA256:\\n %s %s Packages\\n' \
    "$(sha256sum Packages | cut -d' ' -f1)" "$(stat --format=%s Packages)" >Release
echo "deb [trusted=yes] file:$archive ./" >/etc/apt/sources.list.d/rehearsal.list
apt-get update --quiet=2
"""


def run(stage: Stage) -> None:
    """Each part in turn, under load; then images that must not stay, and a run that is cut off."""
    if stage.lab.engine.pulls:
        print(
            "    not rehearsed where public registries answer: their tags are not ours", flush=True
        )
        return
    _start_with_older_minor(stage)
    _engine(stage)
    _data(stage)
    _base(stage)
    _nothing_new(stage)
    _what_must_not_stay(stage)
    _cut(stage)
    _collations(stage)


def _start_with_older_minor(stage: Stage) -> None:
    """A lock of the lab's own, with PostgreSQL as it was before its last fixes."""
    lab = stage.lab
    older = registry.publish_older(lab.workspace, lab.engine, POSTGRES)
    lock = {"services": {"postgres": {"image": f"{POSTGRES}@{older}"}}}
    stage.host.ssh(f"docker pull --quiet {POSTGRES}@{older}", timeout=300)
    stage.host.ssh(f"cat >{LOCK}", text=json.dumps(lock))
    stage.must_play("site.yml")
    for image in REDIS, PYTHON:
        registry.publish_successor(lab.engine, image, f'LABEL rehearsal="{time.time()}"')
    said = stage.play("status.yml").output
    newer = re.findall(r"^image +(\w+).*A NEWER ONE IS THERE", said, re.MULTILINE)
    stage.record.expect(
        "status.yml names the images that have a newer one", newer == ["postgres", "redis"], newer
    )


def _engine(stage: Stage) -> None:
    stage.host.ssh(ARCHIVE, timeout=600)
    before = inspect(stage.host)
    dry = stage.host.ssh("unattended-upgrade --dry-run --verbose 2>&1", timeout=300)
    line = next((one for one in dry.splitlines() if "will be upgraded" in one), dry[-200:])
    stage.record.expect(
        "By night the engine's minor version would come, too", "docker-ce" in line, line
    )
    with stage.drill("Upgrade of the engine") as drill:
        drill.mark("upgrade.yml")
        play = stage.must_play("upgrade.yml", "--tags", "engine")
        drill.mark("done")
    version = stage.host.ssh("dpkg-query --show --showformat '${Version}' docker-ce").strip()
    status = stage.play("status.yml").output
    held = "held back by its major version: docker-ce 99.0.0-1" in status
    stage.record.expect(
        "The engine is at its newest minor version, and the major is held and named",
        version.endswith("+rehearsal1") and held,
        f"{version}, in {play.seconds:.0f} s",
    )
    after = inspect(stage.host)
    same = all(before[name].started_at == after[name].started_at for name in before)
    stage.record.expect("Every container ran on under the new engine", same)
    _measure(stage, drill.answer_silence, "engine", ENGINE_SILENCE_SECONDS)
    stage.expect_nothing_lost(drill, "Upgrade of the engine")


def _data(stage: Stage) -> None:
    before, version = inspect(stage.host), stage.host.ssh(VERSION).strip()
    with stage.drill("Upgrade of PostgreSQL and Redis") as drill:
        drill.mark("upgrade.yml")
        play = stage.must_play("upgrade.yml", "--tags", "data")
        drill.mark("done")
    now = stage.host.ssh(VERSION).strip()
    after = inspect(stage.host)
    replaced = [name for name in before if before[name].started_at != after[name].started_at]
    stage.record.expect(
        "PostgreSQL and Redis are replaced, the app runs on",
        replaced == ["postgres", "redis"] and version != now and healthy(stage.host),
        f"{version} -> {now}, in {play.seconds:.0f} s",
    )
    _measure(stage, drill.answer_silence, "PostgreSQL and Redis", DATA_SILENCE_SECONDS)
    stage.expect_nothing_lost(drill, "Upgrade of PostgreSQL and Redis")


def _base(stage: Stage) -> None:
    before = inspect(stage.host)
    with stage.drill("The app on a new base") as drill:
        drill.mark("upgrade.yml")
        play = stage.must_play("upgrade.yml", "--tags", "base")
        drill.mark("done")
    after = inspect(stage.host)
    same_commit = before["app"].commit == after["app"].commit
    replaced = [name for name in before if before[name].started_at != after[name].started_at]
    stage.record.expect(
        "The same commit runs on the new base, and nothing else was replaced",
        same_commit and replaced == ["app"],
        f"in {play.seconds:.0f} s",
    )
    _measure(stage, drill.answer_silence, "the base", BASE_SILENCE_SECONDS)
    stage.expect_nothing_lost(drill, "The app on a new base")


def _nothing_new(stage: Stage) -> None:
    before = inspect(stage.host)
    again = stage.must_play("upgrade.yml")
    site = stage.must_play("site.yml")
    same = all(
        before[name].started_at == one.started_at for name, one in inspect(stage.host).items()
    )
    stage.record.expect(
        "A second upgrade.yml and a site.yml change nothing",
        again.changed == site.changed == 0 and same,
        f"changed={again.changed}, changed={site.changed}",
    )


def _what_must_not_stay(stage: Stage) -> None:
    lab, before = stage.lab, stage.host.ssh(f"cat {LOCK}")
    with registry.published(lab.engine, POSTGRES, MAJOR):
        refused = stage.play("upgrade.yml", "--tags", "data")
    said = "holds PostgreSQL 16.1" in refused.output and "minor versions only" in refused.output
    stage.record.expect(
        "Another major version is refused with the way", not refused.succeeded and said
    )
    told = len(stage.telegram.messages(ADMIN_CHAT))
    with (
        registry.published(lab.engine, POSTGRES, NEVER_HEALTHY),
        stage.drill("An image that does not get healthy") as drill,
    ):
        drill.mark("upgrade.yml")
        failed = stage.play("upgrade.yml", "--tags", "data")
        drill.mark("returned")
    running = json.loads(stage.host.ssh("docker inspect hnpal-postgres"))[0]["Config"]["Image"]
    back = running == json.loads(before)["services"]["postgres"]["image"] and healthy(stage.host)
    stage.record.expect(
        "An image that does not get healthy gives way to the one before",
        not failed.succeeded and back and stage.host.ssh(f"cat {LOCK}") == before,
        f"silence {drill.answer_silence:.1f} s",
    )
    texts = [message["text"] for message in stage.telegram.messages(ADMIN_CHAT)[told:]]
    heard = [text for text in texts if "was not upgraded" in text]
    stage.record.expect("The operator is told", len(heard) == 1, " | ".join(heard)[:200])
    stage.expect_nothing_lost(drill, "An image that does not get healthy")


def _cut(stage: Stage) -> None:
    """The run is killed once PostgreSQL's container is gone; its image never gets healthy."""
    before = stage.host.ssh(f"cat {LOCK}")
    with registry.published(stage.lab.engine, POSTGRES, NEVER_HEALTHY):
        seconds = f"app_recovery_seconds={RECOVERY_SECONDS}"
        play = stage.operator.start(
            *("upgrade.yml", "--tags", "data", "-e", seconds), environment=SHOW_TASKS
        )
        _wait_for_image(stage, before)
        play.kill()
        stage.operator.disconnect()
    back = stage.wait_for("test ! -e /opt/hnpal/recovery.json", BACK_SECONDS)
    well = back and healthy(stage.host) and stage.host.ssh(f"cat {LOCK}") == before
    stage.record.expect("An upgrade that was cut off: the host returns by itself", well)
    again = stage.play("upgrade.yml")
    stage.record.expect(
        "and one plain upgrade.yml finds all in order", again.succeeded and healthy(stage.host)
    )


def _wait_for_image(stage: Stage, lock: str) -> None:
    """Wait until PostgreSQL's container is made from another image than the lock's."""
    image = json.loads(lock)["services"]["postgres"]["image"]
    asked = "docker inspect --format '{{.Config.Image}}' hnpal-postgres"
    stage.wait_for(f'test "$({asked})" != {shlex.quote(image)}', BACK_SECONDS)


def _collations(stage: Stage) -> None:
    """As if the indexes had been sorted by the C library of an older base."""
    pretend = "UPDATE pg_database SET datcollversion = '2.31' WHERE datname = 'hn_pal'"
    stage.host.ssh(f"docker exec hnpal-postgres psql -U hn_pal -c {shlex.quote(pretend)}")
    shouted = "collations CHANGED" in stage.play("status.yml").output
    warned = stage.play("upgrade.yml", "--tags", "collations")
    done = stage.play("upgrade.yml", "--tags", "collations", "-e", "app_refresh_collations=true")
    over = "CHANGED" not in stage.play("status.yml").output
    stage.record.expect(
        "Changed collations are shouted, warned of, and put in order while the app runs",
        shouted and "hn_pal 2.31" in warned.output and done.changed == 1 and over,
    )


def _measure(stage: Stage, silence: float, what: str, most: float) -> None:
    stage.record.at_most(
        f"Silence between answers while {what} is replaced", silence, most, seen=f"{silence:.2f} s"
    )
