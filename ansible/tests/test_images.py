"""Pinning, upgrading and restoring images on a host with a fake Docker."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from hnpal_host import __main__ as command
from hnpal_host import engine_api, image_versions, images, recovery, upkeep
from hnpal_host.failure import HostError
from test_host import Host, host, origin, telegram

__all__ = ["host", "origin", "telegram"]

TAGS = {"postgres": "postgres:15-alpine", "redis": "redis:7-alpine", "app": "python:3.11-slim"}


def pinned(tag: str, digit: str) -> str:
    return f"{tag}@sha256:{digit * 64}"


OLD, NEW = pinned(TAGS["postgres"], "1"), pinned(TAGS["postgres"], "2")
REDIS, BASE = pinned(TAGS["redis"], "3"), pinned(TAGS["app"], "4")


def image(name: str, version: str, *digests: str) -> dict[str, Any]:
    return {
        "Id": f"sha256:{name}",
        "version": version,
        "Created": "2026-11-20T08:00:00Z",
        "RepoDigests": [f"{digest.split(':')[0]}@{digest.split('@')[1]}" for digest in digests],
    }


@pytest.fixture
def running(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host that runs PostgreSQL 15.4 by its tag, while the registry has 15.18."""
    folder = host.config.clone / "backend"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"ARG PYTHON_IMAGE={TAGS['app']}\nFROM ${{PYTHON_IMAGE}}\n")
    services = {name: {"image": tag} for name, tag in TAGS.items()}
    host.docker(
        definition={"services": services},
        containers={
            "hnpal-app": host.container(host.old, image="hnpal-app"),
            "hnpal-postgres": host.container("", image=TAGS["postgres"]),
            "hnpal-redis": host.container("", image=TAGS["redis"]),
        },
        images={
            TAGS["postgres"]: image("old", "15.4", OLD),
            OLD: image("old", "15.4", OLD),
            NEW: image("new", "15.18", NEW),
            TAGS["redis"]: image("redis", "7.0.15", REDIS),
            REDIS: image("redis", "7.0.15", REDIS),
            "hnpal-app": image("app", "3.11.2"),
            BASE: image("base", "3.11.9", BASE),
        },
        broken=[],
    )
    newest = {tag: reference.partition("@")[2] for tag, reference in (
        (TAGS["postgres"], NEW), (TAGS["redis"], REDIS), (TAGS["app"], BASE)
    )}  # fmt: skip
    monkeypatch.setattr(engine_api, "digest_in_registry", lambda tag, seconds=0: newest[tag])
    return host


def runs(host: Host, service: str = "postgres") -> str:
    reference: str = host.state["containers"][f"hnpal-{service}"]["image"]
    return reference


def test_newer_images_are_listed_with_the_running_ones(running: Host) -> None:
    found = {one["service"]: one for one in images.resolve(running.config, list(TAGS), {})}
    assert all(one["is_due"] for one in found.values())
    postgres = found["postgres"]
    assert (postgres["running_version"], postgres["version"]) == ("15.4", "15.18")
    assert postgres["reference"] == NEW
    assert not any(one["refused"] for one in found.values())
    assert runs(running) == TAGS["postgres"]
    assert images.read(running.config) == {}
    images.pin(running.config, "redis", REDIS, "a@b")
    containers = running.state["containers"]
    containers["hnpal-redis"]["image"] = REDIS
    running.docker(containers=containers)
    (redis,) = images.resolve(running.config, ["redis"], {})
    assert not redis["is_due"]


@pytest.mark.parametrize(
    ("service", "version", "before", "said"),
    [
        ("postgres", "16.2", "15.4", "The next major version of PostgreSQL"),
        ("postgres", "15.3", "15.4", "older than 15.4"),
        ("postgres", "15.4", "15.4", ""),
        ("postgres", "15.10", "15.9", ""),
        ("postgres", "15.10", "", ""),
        ("postgres", "", "15.9", "does not tell its version"),
        ("redis", "8.0.1", "7.4.2", "another major one"),
        ("redis", "7.4.2", "7.0.15", ""),
        ("app", "3.12.1", "3.11.9", "backend/Dockerfile"),
        ("app", "3.11.14", "3.11.9", ""),
    ],
)
def test_only_minor_versions_are_taken(service: str, version: str, before: str, said: str) -> None:
    refused = image_versions.refusal(service, "image", version, before)
    assert said in refused and bool(refused) == bool(said)


def test_an_image_that_is_given_must_be_pinned_and_fit(running: Host) -> None:
    with pytest.raises(HostError, match="not pinned"):
        images.resolve(running.config, ["postgres"], {"postgres": "postgres:15-alpine"})
    state = running.state
    major = pinned("postgres:16-alpine", "9")
    running.docker(images=state["images"] | {major: image("major", "16.1", major)})
    (found,) = images.resolve(running.config, ["postgres"], {"postgres": major})
    assert "16.1, and 15.4 runs: upgrade.yml takes minor versions only" in found["refused"]


def test_compose_uses_a_pinned_image_until_it_is_unpinned(running: Host) -> None:
    config = running.config
    images.pin(config, "postgres", NEW, "a@b")
    content = json.loads(config.images.read_text())
    assert content["services"] == {"postgres": {"image": NEW}}
    assert content["x-upgraded"]["postgres"]["version"] == "15.18"
    assert images.restore_previous(config) and not images.restore_previous(config)
    assert images.read(config) == {}
    images.pin(config, "postgres", NEW, "a@b")
    images.confirm(config)
    images.pin(config, "redis", REDIS, "a@b")
    assert images.restore_previous(config)
    assert images.read(config) == {"postgres": NEW}
    # Docker prunes what has no name: the tag goes along.
    assert running.state["images"][TAGS["postgres"]]["version"] == "15.18"


def test_the_previous_image_keeps_its_digest_when_its_tag_moves(running: Host) -> None:
    containers = running.state["containers"]
    containers["hnpal-postgres"]["id"] = "sha256:old"
    known = running.state["images"] | {TAGS["postgres"]: image("new", "15.18", NEW)}
    running.docker(containers=containers, images=known)
    images.pin(running.config, "postgres", NEW, "a@b")
    assert images.restore_previous(running.config)
    assert images.read(running.config) == {"postgres": OLD}


def test_the_base_counts_only_while_the_code_names_its_tag(running: Host) -> None:
    config = running.config
    assert images.base(config) == ""
    images.pin(config, "app", BASE, "a@b")
    assert images.base(config) == BASE
    (config.clone / "backend" / "Dockerfile").write_text("ARG PYTHON_IMAGE=python:3.12-slim\n")
    assert images.base(config) == ""
    (config.clone / "backend" / "Dockerfile").write_text("FROM python:3.11-slim\n")
    assert images.base(config) == ""


def test_the_host_restores_the_previous_image_after_an_interrupted_run(running: Host) -> None:
    running.arm()
    images.pin(running.config, "postgres", NEW, "a@b")
    containers = running.state["containers"]
    containers["hnpal-postgres"] |= {"image": NEW}
    running.docker(containers=containers, broken=[NEW])
    recovery.recover(running.config)
    assert runs(running) == TAGS["postgres"]
    assert images.read(running.config) == {}
    assert not running.config.images_before.exists()
    assert f"{running.old[:10]} is serving" in running.telegram.texts[0]


def test_a_healthy_image_is_kept_if_the_run_was_interrupted(running: Host) -> None:
    running.arm()
    images.pin(running.config, "postgres", NEW, "a@b")
    containers = running.state["containers"]
    containers["hnpal-postgres"] |= {"image": NEW}
    running.docker(containers=containers)
    recovery.recover(running.config)
    assert runs(running) == NEW
    assert images.read(running.config) == {"postgres": NEW}
    assert not running.config.images_before.exists()


def test_an_unused_pin_is_removed(running: Host) -> None:
    images.pin(running.config, "postgres", NEW, "a@b")
    assert images.finish_upgrade(running.config) == [
        "took back the images of the upgrade that was cut off"
    ]
    assert runs(running) == TAGS["postgres"]
    assert images.read(running.config) == {}
    assert images.finish_upgrade(running.config) == []


@pytest.mark.parametrize("content", ["", "\0\0", "[]", "{", '{"services": {"postgres": 5}}'])
def test_a_damaged_lock_is_named_and_rewritten(running: Host, content: str) -> None:
    config = running.config
    containers = running.state["containers"]
    containers["hnpal-postgres"] |= {"image": NEW}
    running.docker(containers=containers)
    with config.good_settings.open("a") as file:
        file.write(f"HNPAL_TAG={running.old}-{'4' * 12}\n")
    running.docker(images=running.state["images"] | {TAGS["app"]: image("base", "3.11.9", BASE)})
    config.images.write_text(content)
    with pytest.raises(HostError, match=r"images\.lock\.json is damaged"):
        images.read(config)
    (said,) = images.repair(config)
    assert "anew from what runs" in said
    # Redis runs by its tag.
    assert images.read(config) == {"postgres": NEW, "app": BASE}
    assert config.images.with_name("images.lock.json.damaged").read_text() == content
    assert images.repair(config) == []


def test_every_play_repairs_the_lock_before_compose_reads_it(running: Host, origin: Path) -> None:
    running.config.images.write_text("{")
    said = command.tidy(running.config, Namespace(repository=str(origin)))
    assert "anew from what runs" in said
    assert images.read(running.config) == {}


def test_a_lock_written_anew_pins_what_its_tag_no_longer_names(running: Host) -> None:
    containers = running.state["containers"]
    containers["hnpal-postgres"]["id"] = "sha256:old"
    known = running.state["images"] | {TAGS["postgres"]: image("new", "15.18", NEW)}
    running.docker(containers=containers, images=known)
    running.config.images.write_text("")
    images.repair(running.config)
    assert images.read(running.config) == {"postgres": OLD}


def test_the_image_lock_exists_before_compose_reads_it(tmp_path: Path, host: Host) -> None:
    host.config.images.unlink()
    images.ensure(host.config)
    assert json.loads(host.config.images.read_text()) == {"services": {}}
    host.config.images.write_text('{"services": {"redis": {"image": "x"}}}')
    images.ensure(host.config)
    assert images.read(host.config) == {"redis": "x"}


POLICY = """\
docker-ce:
  Installed: 5:28.5.1-1
  Candidate: 5:28.5.2-1
  Version table:
     5:29.0.0-1 500
        500 https://download.docker.com/linux/debian trixie/stable amd64 Packages
     5:28.5.2-1 999
        500 https://download.docker.com/linux/debian trixie/stable amd64 Packages
 *** 5:28.5.1-1 999
        100 /var/lib/dpkg/status
containerd.io:
  Installed: 1.7.28-1
  Candidate: 1.7.28-1
  Version table:
 *** 1.7.28-1 999
        100 /var/lib/dpkg/status
docker.io:
  Installed: (none)
  Candidate: 26.1.5
  Version table:
     26.1.5 500
        500 http://deb.debian.org/debian trixie/main amd64 Packages
"""
UPGRADES = """\
Inst openssl [3.5.1-1] (3.5.1-2 Debian-Security:13/stable-security [amd64])
Inst docker-ce [5:28.5.1-1] (5:28.5.2-1 Docker CE:trixie [amd64])
Inst tzdata [2026a] (2026b Debian:13.2/stable-updates [all])
Inst linux-image-6.12.60 (6.12.60-1 Debian-Security:13/stable-security [amd64])
Conf openssl (3.5.1-2 Debian-Security:13/stable-security [amd64])
"""


def test_pending_fixes_of_packages_and_engine_are_counted(
    running: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = tmp_path / "bin"
    for name, said in {"apt-get": UPGRADES, "apt-cache": POLICY}.items():
        (programs / f"{name}.txt").write_text(said)
        (programs / name).write_text(f"#!/bin/sh\nexec cat {programs}/{name}.txt\n")
        (programs / name).chmod(0o755)
    upkeep._pending.cache_clear()
    monkeypatch.setattr(upkeep, "collations", lambda config: ["hn_pal 2.36 2.41"])
    facts = upkeep.gather(running.config)
    upkeep._pending.cache_clear()
    assert facts["packages"] == {"pending": 4, "security": 2}
    assert facts["engine"]["pending"] == ["docker-ce 5:28.5.2-1"]
    assert facts["held"] == ["docker-ce 5:29.0.0-1"]
    assert facts["collations"] == ["hn_pal 2.36 2.41"]
    known = {one["service"]: one for one in facts["images"]}
    assert known["postgres"]["is_newer"] is True and known["postgres"]["version"] == "15.4"
    assert known["redis"]["is_newer"] is False
    assert known["app"]["is_newer"] is None and not known["app"]["pinned"]
