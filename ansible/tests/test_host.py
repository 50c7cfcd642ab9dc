"""hnpal-host on a host with a real git and a fake Docker."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import fake_docker
from hnpal_host import __main__ as command
from hnpal_host import (
    clone,
    docker,
    git_locks,
    images,
    leftovers,
    limits,
    record,
    recovery,
    settings,
)
from hnpal_host.config import HostConfig, read_config
from hnpal_host.failure import HostError

SECRET = "123456789:the-token-of-this-test"
CHAT = "777"


class Telegram(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Telegram

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.texts.append(body["text"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    server = Telegram()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=t", "-c", "user.email=t@t")
    return subprocess.check_output(["git", "-C", folder, *identity, *arguments], text=True).strip()


class Host:
    """A host's home with a clone of two commits, `old` and `new`, and what Docker says there."""

    def __init__(self, home: Path, telegram: Telegram) -> None:
        self.home, self.telegram = home, telegram
        clone = home / "app"
        clone.mkdir()
        git(clone, "init", "--quiet")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "old")
        self.old = git(clone, "rev-parse", "HEAD")
        git(clone, "commit", "--quiet", "--allow-empty", "--message", "new")
        self.new = git(clone, "rev-parse", "HEAD")
        self.write_settings(".env.good", self.old)
        self.write_settings(".env", self.new)
        self.config = HostConfig(
            home=home,
            project="hnpal",
            compose_file="compose.yml",
            image="hnpal-app",
            data_services=["postgres", "redis"],
            health_seconds=0,
            backup_lock=home / "backup.lock",
        )
        images.ensure(self.config)
        self.docker(containers={}, good=[self.old, self.new], calls=[])

    def write_settings(self, name: str, commit: str) -> None:
        url = f"http://127.0.0.1:{self.telegram.server_port}"
        (self.home / name).write_text(
            f"# by hand\nTELEGRAM_BOT_TOKEN='{SECRET}'\nTELEGRAM_API_URL='{url}'\n"
            f"ADMIN_CHAT_ID='{CHAT}'\nPOSTGRES_USER='u'\nPOSTGRES_DB='d'\nPOSTGRES_PASSWORD='p'\n"
            f"\nHNPAL_COMMIT={commit}\nHNPAL_ENV_HASH=hash{commit[:4]}\n"
        )

    @property
    def state(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.home / "docker.json").read_text())
        return content

    def docker(self, **state: Any) -> None:
        path = self.home / "docker.json"
        known = self.state if path.exists() else {}
        path.write_text(json.dumps({**known, **state}))

    def container(self, commit: str, state: str = "running", **more: Any) -> dict[str, Any]:
        return {"state": state, "commit": commit, "hash": f"hash{commit[:4]}", **more}

    def runs(self) -> tuple[str, str]:
        """Commit and state of the app's container."""
        app = self.state["containers"]["hnpal-app"]
        return app["commit"], app["state"]

    def timers(self) -> list[str]:
        log = self.home / "systemd.log"
        return log.read_text().splitlines() if log.exists() else []

    def arm(self) -> None:
        recovery.arm(self.config, 300, "Update by a@b")


@pytest.fixture
def origin(host: Host, tmp_path: Path) -> Path:
    origin = tmp_path / "origin"
    clone = host.config.clone
    subprocess.run(
        ["git", "clone", "--quiet", "--bare", "--no-hardlinks", clone, origin], check=True
    )
    git(clone, "remote", "add", "origin", str(origin))
    return origin


@pytest.fixture
def host(tmp_path: Path, telegram: Telegram, monkeypatch: pytest.MonkeyPatch) -> Host:
    home = tmp_path / "home"
    programs = tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    for name, script in {
        "docker": f'exec {sys.executable} {fake_docker.__file__} "$@"',
        "systemctl": f'echo "systemctl $*" >>{home}/systemd.log',
        "systemd-run": f'echo "systemd-run $*" >>{home}/systemd.log',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_DOCKER", str(home / "docker.json"))
    return Host(home, telegram)


def test_a_disarmed_timer_does_nothing(host: Host) -> None:
    host.arm()
    assert "--on-active=300" in host.timers()[-1]
    recovery.disarm(host.config)
    assert "stop" in host.timers()[-1]
    assert recovery.recover(host.config) == "nothing is armed"
    assert host.telegram.texts == []


@pytest.mark.parametrize("state", ["created", "exited", "dead", None])
def test_a_stopped_app_is_started_as_the_intended_release(host: Host, state: str | None) -> None:
    host.arm()
    app = {"hnpal-app": host.container(host.new, state)} if state else {}
    host.docker(containers=app)
    recovery.recover(host.config)
    assert host.runs() == (host.new, "running")
    (text,) = host.telegram.texts
    assert f"{state or 'gone'}; {host.new[:10]} was started" in text
    assert "Update by a@b was cut off" in text
    assert recovery.read(host.config) is None
    assert not host.config.releases.exists()


def test_an_unhealthy_app_is_replaced_by_the_previous_release(host: Host) -> None:
    host.arm()
    host.docker(containers={"hnpal-app": host.container(host.new)}, good=[host.old])
    (host.config.clone / ".git" / "index.lock").touch()
    recovery.recover(host.config)
    assert host.runs() == (host.old, "running")
    assert git(host.config.clone, "rev-parse", "HEAD") == host.old
    assert host.config.settings.read_text() == host.config.good_settings.read_text()
    assert host.config.settings.stat().st_mode & 0o777 == 0o600
    event = json.loads(host.config.releases.read_text())
    assert (event["event"], event["commit"]) == ("failed", host.new)
    assert f"{host.old[:10]} was brought back" in host.telegram.texts[0]


def test_an_app_of_another_network_is_connected_to_the_data_services(host: Host) -> None:
    service = {"state": "running", "commit": "", "hash": ""}
    host.docker(
        containers={
            "hnpal-app": host.container(host.old, networks=["hnpal_default"]),
            "hnpal-postgres": {**service, "networks": ["hnpal_data"]},
            "hnpal-redis": {**service, "networks": ["hnpal_data"]},
        }
    )
    assert docker.join_data_services(host.config) == ["connected hnpal-app to hnpal_data"]
    assert docker.join_data_services(host.config) == []


def test_what_somebody_has_paused_is_continued(host: Host, origin: Path) -> None:
    paused = host.container(host.new, state="paused")
    host.docker(containers={"hnpal-app": paused, "hnpal-redis": host.container("")})
    said = command.tidy(host.config, Namespace(repository=str(origin)))
    assert said == "continued hnpal-app, which somebody had paused"
    assert host.runs() == (host.new, "running")
    assert docker.unpause(host.config) == []


def test_a_paused_app_is_continued_if_the_run_was_cut_off(host: Host) -> None:
    host.arm()
    host.docker(containers={"hnpal-app": host.container(host.new, state="paused")})
    assert "is serving" in recovery.recover(host.config)
    assert host.runs() == (host.new, "running")


def test_a_release_that_never_stopped_loses_only_its_standby(host: Host) -> None:
    host.arm()
    standby = host.container(host.new)
    host.docker(containers={"hnpal-app": host.container(host.old), "hnpal-standby": standby})
    recovery.recover(host.config)
    assert list(host.state["containers"]) == ["hnpal-app"]
    assert host.runs() == (host.old, "running")
    assert f"{host.old[:10]} is serving" in host.telegram.texts[0]


def test_no_release_is_marked_as_failed_while_postgresql_is_down(host: Host) -> None:
    host.arm()
    host.docker(containers={"hnpal-app": host.container(host.new, "exited")}, down=True)
    for _ in range(2):
        with pytest.raises(HostError, match="unhealthy"):
            recovery.recover(host.config)
    assert not host.config.releases.exists()
    # It is tried again, and told once.
    assert "--on-active=120" in host.timers()[-1]
    (text,) = host.telegram.texts
    assert "DOES NOT COME BACK" in text
    host.docker(down=False)
    recovery.recover(host.config)
    assert host.runs() == (host.new, "running")


def test_no_message_is_sent_if_a_play_starts_the_app_first(host: Host) -> None:
    host.arm()
    host.docker(containers={"hnpal-app": host.container(host.new, "exited")})
    assert "was started" in recovery.recover(host.config, by_a_play=True)
    assert host.telegram.texts == []
    # No timer is left for what the play has done.
    assert host.timers()[-1] == "systemctl stop hnpal-recovery@*.timer"
    assert recovery.read(host.config) is None


def test_recovery_waits_for_a_running_backup(host: Host) -> None:
    host.arm()
    script = (
        "import fcntl, sys\n"
        f"lock = open({str(host.config.backup_lock)!r}, 'w')\n"
        "fcntl.lockf(lock, fcntl.LOCK_EX)\nlock.write('hnpal-backup restore')\nlock.flush()\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    held = [sys.executable, "-c", script]
    with subprocess.Popen(held, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        other.stdout.readline()
        assert "later" in recovery.recover(host.config)
        other.communicate(b"")
    assert host.state["calls"] == []
    assert recovery.read(host.config) is not None
    recovery.recover(host.config)
    assert host.runs() == (host.new, "running")


def test_a_damaged_file_still_means_that_the_timer_is_armed(host: Host) -> None:
    for content in ("", "{}", "\0\0", "[1]"):
        host.docker(containers={"hnpal-app": host.container(host.new, "exited")})
        host.config.recovery.write_text(content)
        recovery.recover(host.config)
        assert host.runs() == (host.new, "running")


@pytest.mark.parametrize("line", ["POSTGRES_PASSWORD='half", "A='x\\'", 'B="x"', "=x", "C=$x"])
def test_unreadable_settings_are_refused_without_quoting_them(host: Host, line: str) -> None:
    with host.config.settings.open("a") as file:
        file.write(f"{line}\nNEXT='neighbour-secret'\n")
    with pytest.raises(HostError, match=r"\.env, line 11 cannot be read") as caught:
        host.arm()
    assert "half" not in str(caught.value) and "neighbour" not in str(caught.value)
    assert host.timers() == []


def test_output_of_other_programs_is_stripped_of_secrets() -> None:
    said = settings.without_secrets(f"near {SECRET}\nKEY=sk", {"T": SECRET, "K": "sk", "E": ""})
    assert said == "near […]\nKEY=sk"


def test_git_locks_are_removed_once_no_git_process_runs(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    locks = [tmp_path / ".git" / name for name in ("index.lock", "refs/heads/main.lock")]
    for lock in locks:
        lock.touch()
    waiting = ["git", "-C", str(tmp_path), "hash-object", "--stdin"]
    with subprocess.Popen(waiting, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as at_work:
        # The kernel shows the command line a moment after Popen has returned.
        while not Path(f"/proc/{at_work.pid}/cmdline").read_bytes():
            time.sleep(0.01)
        with pytest.raises(HostError, match=str(at_work.pid)):
            git_locks.remove_stale(tmp_path, wait=0)
        at_work.communicate(b"")
    assert git_locks.remove_stale(tmp_path) == sorted(map(str, locks))
    assert git_locks.remove_stale(tmp_path) == []
    assert git_locks.remove_stale(tmp_path / "nowhere") == []


def test_leftovers_of_a_killed_run_are_removed(host: Host) -> None:
    (host.config.clone / ".git" / "index.lock").touch()
    host.docker(
        containers={
            "hnpal-app": host.container(host.old),
            "hnpal-standby": host.container(host.new, one_off=True),
            "hnpal-app-run-1": host.container(host.new, "exited", one_off=True),
        }
    )
    said = leftovers.remove(host.config)
    assert len(said) == 2 and "index.lock" in said[0] and "hnpal-app-run-1" in said[1]
    assert sorted(host.state["containers"]) == ["hnpal-app", "hnpal-standby"]
    assert leftovers.remove(host.config) == []


def test_another_remote_is_replaced(host: Host, origin: Path) -> None:
    git(host.config.clone, "remote", "set-url", "origin", "https://a:token@code.example/hnpal.git")
    (said,) = clone.repair(host.config, host.old, str(origin))
    assert "remote" in said and "token" not in said
    assert git(host.config.clone, "remote", "get-url", "origin") == str(origin)
    git(host.config.clone, "config", "url.https://mirror.example/.insteadOf", str(origin))
    assert clone.repair(host.config, host.old, str(origin)) == []


# Of `git hash-object /dev/null`.
EMPTY_FILE = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"


def remove(repository: Path) -> None:
    shutil.rmtree(repository)


def remove_contents(repository: Path) -> None:
    shutil.rmtree(repository)
    repository.mkdir()


def empty_objects(repository: Path) -> None:
    for damaged in (repository / "objects").glob("??/*"):
        damaged.chmod(0o644)
        damaged.write_bytes(b"")


def test_a_sound_clone_is_left_alone(host: Host, origin: Path) -> None:
    (host.config.clone / "docker-compose.prod.yml").write_text("by hand\n")
    assert clone.repair(host.config, host.old, str(origin)) == []


@pytest.mark.parametrize(
    "damage",
    [
        empty_objects,
        lambda repository: (repository / "HEAD").write_bytes(b""),
        lambda repository: (repository / "HEAD").write_bytes(b"\0" * 41),
        lambda repository: (repository / "config").write_bytes(b""),
        lambda repository: (repository / "config").write_text("[remote"),
        lambda repository: remove(repository / "objects"),
        remove_contents,
    ],
)
def test_a_clone_that_git_cannot_use_is_fetched_anew(
    host: Host, origin: Path, damage: Callable[[Path], object]
) -> None:
    damage(host.config.clone / ".git")
    (said,) = clone.repair(host.config, host.old, str(origin))
    assert "anew" in said
    assert git(host.config.clone, "rev-parse", "HEAD") == host.old
    assert (host.config.clone / ".env").readlink() == host.config.settings
    assert clone.repair(host.config, host.old, str(origin)) == []


@pytest.mark.parametrize("kept", [0.0, 0.1, 0.5, 0.8])
def test_a_damaged_index_is_built_again_without_the_remote(
    host: Host, origin: Path, kept: float
) -> None:
    shutil.rmtree(origin)
    index = host.config.clone / ".git/index"
    # Longer than a page of memory, so that what is missing cannot look like zeros.
    entries = "".join(f"100644 {EMPTY_FILE}\tfolder/file-{n:04}.txt\n" for n in range(1000))
    subprocess.run(
        ["git", "-C", host.config.clone, "update-index", "--add", "--index-info"],
        input=entries, text=True, check=True,
    )  # fmt: skip
    whole = index.read_bytes()
    index.write_bytes(whole[: int(kept * len(whole))])
    (said,) = clone.repair(host.config, host.old, str(origin))
    assert "index" in said
    assert git(host.config.clone, "status", "--porcelain", "--untracked-files=no") == ""
    index.write_bytes(whole[: int(kept * len(whole))])
    clone.check_out(host.config, host.old)
    assert git(host.config.clone, "rev-parse", "HEAD") == host.old


def test_an_event_is_appended_after_a_truncated_line(tmp_path: Path) -> None:
    path = tmp_path / "releases.jsonl"
    path.write_text('{"event": "live", "commit": "a", "schema": "0007"}\n{"event": "li')
    record.append(path, {"event": "started", "commit": "b"})
    assert json.loads(path.read_text().splitlines()[-1])["commit"] == "b"
    assert record.last_schema(path) == "0007"
    assert record.repair(path) == [f"moved 1 damaged lines of {path} to {path}.damaged"]
    assert [json.loads(line)["commit"] for line in path.read_text().splitlines()] == ["a", "b"]
    assert (tmp_path / "releases.jsonl.damaged").read_text() == '{"event": "li\n'
    assert record.repair(path) == []


def test_manually_changed_limits_are_reported_and_restored(host: Host) -> None:
    as_defined = {"Memory": 512 << 20, "RestartPolicy": {"Name": "unless-stopped"}}
    definition = {
        "restart": "unless-stopped",
        "deploy": {"resources": {"limits": {"memory": "536870912"}}},
    }
    services = dict.fromkeys(("app", "postgres", "redis"), definition)
    host.docker(
        definition={"services": services},
        containers={
            "hnpal-app": host.container(host.new, limits=as_defined),
            "hnpal-redis": host.container(
                "", limits=as_defined | {"Memory": 1 << 30, "NanoCpus": 5e8}
            ),
        },
    )
    said = ["redis: memory is 1073741824, not 536870912", "redis: cpus is 0.5, not 0.0"]
    assert limits.describe(limits.changed(host.config)) == said
    assert limits.repair(host.config) == [f"put back {line}" for line in said]
    assert limits.changed(host.config) == {}


def test_a_limit_that_docker_does_not_change_is_not_reported_as_restored(host: Host) -> None:
    services = {name: {"restart": "no"} for name in ("app", "postgres", "redis")}
    unlimited = {"Memory": 1 << 30, "RestartPolicy": {"Name": "no"}}
    host.docker(
        definition={"services": services},
        containers={"hnpal-redis": host.container("", limits=unlimited)},
    )
    with pytest.raises(HostError, match="memory is 1073741824, not 0: Docker does not change"):
        limits.repair(host.config)


def test_errors_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "host.json"
    for content in ("", "{}", "[]"):
        path.write_text(content)
        with pytest.raises(HostError, match=r"host\.json cannot be read"):
            read_config(path)
        monkeypatch.setattr("sys.argv", ["hnpal-host", "--configuration", str(path), "limits"])
        assert command.main() == 1
        assert capsys.readouterr().err.count("\n") == 1
