"""The dead-man timer: armed before the app is stopped, disarmed once its successor is healthy.

If no run disarms it, it starts the app again: as configured, or else as the last good release.
While it is armed there is a file, also after a reboot, which ends every timer.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import hnpal_files
from hnpal_host import (
    clone,
    docker,
    git_locks,
    images,
    postgres,
    record,
    roles,
    settings,
    telegram,
)
from hnpal_host.config import HostConfig
from hnpal_host.failure import HostError

UNIT = "hnpal-recovery"
BOOT_UNIT = f"{UNIT}-boot.service"
AGAIN_SECONDS = 120
PLAY_SECONDS = 1800
LOCK_SECONDS = 600
BOOT_SECONDS = 180
RESTORE_SECONDS = 1800
SYSTEMD_SECONDS = 30


@dataclass(frozen=True)
class Armed:
    """The purpose for which the timer was armed."""

    reason: str
    attempts: int
    """How often it has failed to start the app."""


def arm(config: HostConfig, seconds: int, reason: str) -> None:
    """Arm the timer, which starts the app unless it is disarmed; arming again restarts it.

    Raises:
        HostError: the settings on the host cannot be read, so that nothing could be started, or a
        restore
            is running.
    """
    settings.read(config.settings)
    _wait_for_restore(config)
    with _alone(config):
        _systemd("systemctl", "enable", "--quiet", BOOT_UNIT)
        _write(config, Armed(reason, attempts=0))
        _start_timer(seconds)


def disarm(config: HostConfig) -> None:
    with _alone(config):
        _disarm(config)


def _disarm(config: HostConfig) -> None:
    _stop_timer()
    config.recovery.unlink(missing_ok=True)
    hnpal_files.sync_directory(config.home)


def read(config: HostConfig) -> Armed | None:
    """The purpose of the armed timer, or None; a damaged file counts as armed."""
    try:
        content = json.loads(config.recovery.read_text(encoding="utf-8", errors="replace"))
        return Armed(str(content["reason"]), int(content["attempts"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError):
        return Armed("a run", attempts=0)


def recover(config: HostConfig, *, after_boot: bool = False, by_a_play: bool = False) -> str:
    """Start the app if it is not healthy, and tell the operator; returns the message.

    A play that calls this first tells the operator itself, and can do more if it fails.

    Raises:
        HostError: that failed; it is tried again later.
    """
    tell = _say_nothing if by_a_play else _tell
    again = PLAY_SECONDS if by_a_play else AGAIN_SECONDS
    with _alone(config):
        armed = read(config)
        if armed is None:
            return "nothing is armed"
        if after_boot:
            _wait_for_docker()
        if _backup_at_work(config):
            _start_timer(again)
            return "a backup or a restore is at work: later"
        try:
            outcome = bring_back(config, armed.reason)
        except HostError as error:
            _write(config, Armed(armed.reason, armed.attempts + 1))
            _start_timer(again)
            if armed.attempts == 0:
                tell(config, f"{armed.reason} was cut off, and THE APP DOES NOT COME BACK: {error}")
            raise
        _disarm(config)
    said = f"{armed.reason} was cut off. {outcome} To finish it, run the same play again."
    return " ".join(filter(None, [said, tell(config, said)]))


def bring_back(config: HostConfig, reason: str) -> str:
    """Make the app serve: as it is, restarted, or as the previous release.

    Raises:
        HostError: none of these serves.
    """
    docker.unpause(config)
    before = docker.find(config.app)
    state = "gone" if before is None else before.state
    _start_data_services(config)
    if before is not None and before.state == "running" and serves(config):
        return f"{before.commit[:10]} is serving."
    failure = _start(config)
    current = docker.find(config.app)
    commit = current.commit[:10] if current else "nothing"
    if not failure and serves(config):
        return f"The app was {state}; {commit} was started and is serving."
    good = good_release(config)
    if current is not None and (current.commit, current.environment_hash) == good:
        docker.run("restart", config.app)
        if serves(config):
            return f"The app was {state}; {commit} was restarted and is serving."
        raise HostError(failure or f"{commit} is not healthy")
    if not good[0]:
        raise HostError(failure or f"{commit} is not healthy, and there is no release before it")
    _return_to(config, good[0])
    if current is not None and current.commit not in {"", good[0]}:
        _record_failure(config, current.commit, reason)
    return f"The app was {state}; {commit} does not serve, so {good[0][:10]} was brought back."


def serves(config: HostConfig) -> bool:
    """Wait until the app is ready, remove the standby, and wait until the app polls."""
    if not docker.wait_for_health(config.app, config.health_seconds):
        return False
    docker.remove(config.standby)
    leading = ["--leading"] if "postgres" in config.data_services else []
    return docker.wait_for_health(config.app, config.health_seconds, *leading)


def _start(config: HostConfig) -> str:
    """Start the app as configured; returns the error, or an empty string."""
    try:
        git_locks.remove_stale(config.clone)
        docker.compose(config, "up", "--detach", "--no-deps", "--no-build", "--pull=never", "app")
        docker.join_data_services(config)
    except HostError as error:
        return str(error)
    return ""


def _start_data_services(config: HostConfig) -> None:
    """Start the data services that are down; running ones are not changed.

    Raises:
        HostError: they do not become healthy; then no release of the app is to blame.
    """
    images.repair(config)
    if not config.data_services:
        return
    up = ["up", "--detach", "--no-deps", "--no-build", "--pull=never", "--wait"]
    try:
        docker.compose(config, *up, "--no-recreate", *config.data_services)
    except HostError:
        # The image of an interrupted upgrade may be the cause; it is replaced by the previous one.
        if not images.restore_previous(config):
            raise
        docker.compose(config, *up, *config.data_services)
    images.finish_upgrade(config)


def good_release(config: HostConfig) -> tuple[str, str]:
    """The commit and settings' hash of the last healthy release; empty if there is none."""
    try:
        values = settings.read(config.good_settings)
    except HostError:
        return "", ""
    return values.get("HNPAL_COMMIT", ""), values.get("HNPAL_ENV_HASH", "")


def _return_to(config: HostConfig, commit: str) -> None:
    settings.copy(config.good_settings, config.settings)
    git_locks.remove_stale(config.clone)
    clone.check_out(config, commit)
    _set_passwords(config)
    if failure := _start(config):
        raise HostError(failure)
    if not serves(config):
        raise HostError(f"{commit[:10]}, the release before, is not healthy either")


def _set_passwords(config: HostConfig) -> None:
    """Give PostgreSQL the passwords of the settings, should a run have changed them already."""
    if "postgres" not in config.data_services:
        return
    values = settings.read(config.settings)
    # The role accepts only passwords that need no quoting.
    user, password = values["POSTGRES_USER"], values["POSTGRES_PASSWORD"]
    postgres.ask(config, values, f"ALTER ROLE {user} PASSWORD '{password}';")
    roles.provide(config)


def _record_failure(config: HostConfig, commit: str, reason: str) -> None:
    record.append(
        config.releases,
        {
            "event": "failed",
            "commit": commit,
            "ref": "",
            "env_hash": "",
            "by": "the dead-man timer",
            "schema": record.last_schema(config.releases),
            "why": f"{reason} was cut off, and it did not serve",
        },
    )


def _tell(config: HostConfig, text: str) -> str:
    """Tell the operator; returns the error, or an empty string."""
    try:
        values = settings.read(config.settings)
    except HostError as error:
        return str(error)
    return telegram.tell_operator(values, f"{platform.node()}: {text}")


def _say_nothing(config: HostConfig, text: str) -> str:
    return ""


def _write(config: HostConfig, armed: Armed) -> None:
    content = {"reason": armed.reason, "attempts": armed.attempts, "at": int(time.time())}
    hnpal_files.write(config.recovery, json.dumps(content) + "\n")


@contextmanager
def _alone(config: HostConfig) -> Iterator[None]:
    """Serialises arming, disarming and starting the app."""
    descriptor = os.open(config.home / ".recovery.lock", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor) as lock:
        deadline = time.monotonic() + LOCK_SECONDS
        while not hnpal_files.take_lock(lock.fileno()):
            if time.monotonic() >= deadline:
                raise HostError(f"the app has been brought back for {LOCK_SECONDS} s by now")
            time.sleep(0.2)
        yield


def _backup_at_work(config: HostConfig, command: str = "") -> bool:
    """Whether hnpal-backup is running; with `command`, whether it runs that command."""
    try:
        with config.backup_lock.open("r+", encoding="utf-8", errors="replace") as lock:
            return not hnpal_files.take_lock(lock.fileno()) and command in lock.read(200)
    except OSError:
        return False


def _wait_for_restore(config: HostConfig) -> None:
    deadline = time.monotonic() + RESTORE_SECONDS
    while _backup_at_work(config, "hnpal-backup restore"):
        if time.monotonic() >= deadline:
            raise HostError(f"a restore has been at work for {RESTORE_SECONDS} s")
        time.sleep(1)


def _wait_for_docker() -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline and not docker.answers():
        time.sleep(2)


def _start_timer(seconds: int) -> None:
    _stop_timer()
    # The service of an earlier timer may still be running, so each timer has a unique name.
    _systemd(
        *("systemd-run", "--quiet", "--collect", f"--unit={UNIT}@{time.time_ns()}.service"),
        *(f"--on-active={seconds}", "--timer-property=AccuracySec=1s"),
    )


def _stop_timer() -> None:
    """Stop only the timer: a service that it has started continues."""
    _systemd("systemctl", "stop", f"{UNIT}@*.timer")


def _systemd(*command: str) -> None:
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=SYSTEMD_SECONDS
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise HostError(f"systemd does not answer: {error}") from error
    if done.returncode != 0:
        raise HostError(f"{command[0]} {command[1]}: {done.stderr.strip()}")
