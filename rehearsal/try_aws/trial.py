"""The steps of a run: documented commands, on a separate host."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from rehearsal.database import row_counts
from rehearsal.lab.host import Host
from rehearsal.lab.programs import ProgramFailedError, run
from rehearsal.lab.secrets import bucket_key, read_secrets, write_secrets
from rehearsal.lab.workspace import CLONE, LabError, Workspace
from rehearsal.operators import Operator
from rehearsal.try_aws.cloud import PROJECT, Cloud, make_key
from rehearsal.try_aws.record import Record
from simulators.control import TelegramControl

TELEGRAM_PORT = 8481
READER = 4_000_003
ANSWER_SECONDS = 60
BOOT_SECONDS = 600
# These change without any user.
RESTLESS = {"alerts", "instances", "host_reports"}
INSTALL_SIMULATOR = """
cloud-init status --wait >/dev/null 2>&1 || true
apt="apt-get -o DPkg::Lock::Timeout=600 -qq"
$apt update && $apt install --yes --no-install-recommends python3-aiohttp >/dev/null
"""
SIMULATOR_UNIT = f"""\
[Unit]
Description=A simulated Telegram, for a trial
[Service]
WorkingDirectory=/opt/simulated
ExecStart=/usr/bin/python3 -m simulators --host 0.0.0.0 --port {TELEGRAM_PORT} \\
    telegram --memory /opt/simulated/memory.json
Restart=always
[Install]
WantedBy=multi-user.target
"""
FACTS = {
    "system": '. /etc/os-release; echo "$PRETTY_NAME, kernel $(uname -r), $(uname -m)"',
    "memory": "free --mebi | awk '/^Mem/ {print $2 \" MiB\"}'",
    "s3fs": "s3fs --version | head -1",
    "docker": "docker version --format '{{.Server.Version}}'; docker compose version --short",
}


@dataclass(slots=True)
class Trial:
    """A run in progress."""

    workspace: Workspace
    cloud: Cloud
    record: Record
    repository: str
    """The repository from which the host fetches the code."""
    lab_inventory: Path | None = None
    """Use this inventory's host: a simulated AWS has none that responds."""
    _inside: str = ""
    """The host's own address for its containers."""

    def take(self) -> None:
        """Run all steps except the last one, which destroys everything."""
        with self.record.step("make infra") as said:
            self.cloud.apply(make_key(self.workspace))
            said.append(f"zone {self.cloud.output('zone')}")
        key = bucket_key(wanted=False)
        write_secrets(self.workspace, **key)
        before, now = (_commit("HEAD~1"), _commit("HEAD"))
        host = self._host()
        operator = Operator(self.workspace, self.workspace.run / f"clone-{time.time():.0f}", CLONE)
        try:
            with self.record.step("a simulated Telegram on the host"):
                self._start_telegram(host)
                self._inside = host.ssh("hostname -I").split()[0]
            with self.record.step("site.yml on a fresh host") as said:
                said.append(self._play(operator, "site.yml", "-e", f"app_ref={before}"))
            self._note_facts(host)
            with self.record.step("site.yml once more") as said:
                said.append(self._play(operator, "site.yml", "-e", f"app_ref={before}"))
            with _tunnel(host) as telegram:
                with self.record.step("/start") as said:
                    said.append(_ask(telegram, "/start"))
                with self.record.step("update.yml") as said:
                    said.append(self._play(operator, "update.yml", "-e", f"app_ref={now}"))
                    said.append(_ask(telegram, "/help"))
            with self.record.step("reboot") as said:
                said.append(_reboot(host))
            with _tunnel(host) as telegram:
                with self.record.step("the bot afterwards") as said:
                    said.append(_ask(telegram, "/help"))
                with self.record.step("backup.yml") as said:
                    said.append(self._play(operator, "backup.yml"))
                with self.record.step("restore.yml") as said:
                    rows = row_counts(host)
                    host.ssh(
                        "docker exec hnpal-postgres psql -U hn_pal -qc 'TRUNCATE readers CASCADE'"
                    )
                    said.append(self._play(operator, "restore.yml"))
                    said.append(_same_rows(rows, row_counts(host)))
                    said.append(_ask(telegram, "/help"))
        finally:
            operator.leave()

    def _host(self) -> Host:
        known_hosts = self.workspace.run / "known_hosts"
        if self.lab_inventory:
            entry = next(
                iter(yaml.safe_load(self.lab_inventory.read_text())["hnpal"]["hosts"].values())
            )
            return Host(
                entry["ansible_host"], Path(entry["ansible_ssh_private_key_file"]), known_hosts
            )
        user = self.cloud.output("ssh_command").rpartition(" ")[2].partition("@")[0]
        return Host(self.cloud.output("public_address"), self.workspace.key, known_hosts, user)

    def _play(self, operator: Operator, playbook: str, *arguments: str) -> str:
        settings = {
            "app_telegram_api_url": f"http://{self._inside}:{TELEGRAM_PORT}",
            # For the tunnel to the simulated Telegram; everything else keeps its default.
            "base_ssh_allow_tcp_forwarding": True,
        }
        if not self.lab_inventory:
            settings["app_repository"] = self.repository
        file = self.workspace.run / "settings.json"
        file.write_text(json.dumps(settings))
        environment = {"AWS_REGION": self.cloud.region, "HNPAL_PROJECT": PROJECT}
        inventory = self.lab_inventory or CLONE / "inventory/production"
        play = operator.play(
            playbook, "-e", f"@{file}", *arguments, environment=environment, inventory=inventory
        )
        if not play.succeeded:
            raise ProgramFailedError(f"{playbook} failed:\n{play.last_words}")
        return f"{play.changed} changed"

    def _start_telegram(self, host: Host) -> None:
        _wait_for_login(host)
        host.ssh(INSTALL_SIMULATOR, timeout=BOOT_SECONDS)
        packed = subprocess.run(
            ["tar", "--create", "--gzip", "--directory", CLONE, "--exclude=tests", "simulators"],
            capture_output=True,
            check=True,
        ).stdout
        unpack = (
            "sudo mkdir -p /opt/simulated && sudo tar --extract --gzip --directory /opt/simulated"
        )
        subprocess.run([*host.login(), unpack], input=packed, check=True, timeout=120)
        host.ssh("cat > /etc/systemd/system/simulated-telegram.service", text=SIMULATOR_UNIT)
        host.ssh("systemctl daemon-reload && systemctl enable --now simulated-telegram")

    def _note_facts(self, host: Host) -> None:
        for name, question in FACTS.items():
            self.record.facts[name] = " ".join(host.ssh(question).split())

    def secrets(self) -> dict[str, str]:
        return read_secrets(self.workspace)


def _commit(name: str) -> str:
    return run("git", "-C", CLONE, "rev-parse", name, timeout=10).strip()


def _wait_for_login(host: Host) -> None:
    deadline = time.monotonic() + BOOT_SECONDS
    while time.monotonic() < deadline:
        with suppress(ProgramFailedError):
            host.ssh("true")
            return
        time.sleep(3)
    raise LabError(f"The host accepts no login after {BOOT_SECONDS} s.")


@contextmanager
def _tunnel(host: Host) -> Iterator[TelegramControl]:
    """The simulated Telegram, whose port otherwise only the host's containers can reach."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    forward = f"127.0.0.1:{port}:127.0.0.1:{TELEGRAM_PORT}"
    ssh = [
        *host.login()[:-1],
        "-N",
        "-L",
        forward,
        "-o",
        "ExitOnForwardFailure=yes",
        host.login()[-1],
    ]
    tunnel = subprocess.Popen(ssh, stdin=subprocess.DEVNULL, env=dict(os.environ))
    try:
        deadline = time.monotonic() + ANSWER_SECONDS
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            if time.monotonic() > deadline or tunnel.poll() is not None:
                raise LabError("The tunnel to the host's simulated Telegram does not open.")
            time.sleep(0.3)
        yield TelegramControl(f"http://127.0.0.1:{port}")
    finally:
        tunnel.terminate()
        tunnel.wait()


def _ask(telegram: TelegramControl, text: str) -> str:
    """Send a message and wait for the reply; returns how long it took."""
    had = len(telegram.messages(READER))
    began = time.monotonic()
    telegram.say(READER, text)
    telegram.wait_for_messages(READER, had + 1, ANSWER_SECONDS)
    return f"{text} answered after {time.monotonic() - began:.1f} s"


def _reboot(host: Host) -> str:
    boot = host.ssh("cut -d' ' -f22 /proc/1/stat; cat /proc/sys/kernel/random/boot_id")
    began = time.monotonic()
    with suppress(ProgramFailedError):  # the connection ends with the host
        host.ssh("systemctl reboot", timeout=20)
    while time.monotonic() < began + BOOT_SECONDS:
        with suppress(ProgramFailedError):
            now = host.ssh(
                "cut -d' ' -f22 /proc/1/stat; cat /proc/sys/kernel/random/boot_id", timeout=20
            )
            healthy = host.ssh(
                "docker inspect --format '{{.State.Health.Status}}' hnpal-app"
            ).strip()
            mounted = host.ssh(
                "findmnt --types fuse.s3fs /mnt/s3data >/dev/null && echo yes"
            ).strip()
            if now != boot and (healthy, mounted) == ("healthy", "yes"):
                return f"healthy, with the bucket, after {time.monotonic() - began:.0f} s"
        time.sleep(2)
    raise LabError(f"The host is not healthy {BOOT_SECONDS} s after its reboot.")


def _same_rows(before: dict[str, int], after: dict[str, int]) -> str:
    lost = {
        table: (count, after.get(table, 0))
        for table, count in before.items()
        if table not in RESTLESS and after.get(table, 0) < count
    }
    if lost:
        raise LabError(f"Rows are missing after the restore: {lost}")
    return f"{sum(before.values())} rows back"
