"""The keys of a new host are read from the console of EC2, as cloud-init prints them there."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from host_keys import host_keys

PROGRAM = Path(__file__).resolve().parents[1] / "host_keys.py"
ADDRESS = "192.0.2.7"


def made(folder: Path, kind: str = "ed25519") -> str:
    """A new public key, as `type base64`."""
    path = folder / f"{kind}-{len(list(folder.iterdir()))}"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)
    return " ".join(path.with_suffix(".pub").read_text().split()[:2])


def console(*keys: str, newline: str = "\n") -> str:
    """The end of a first boot, as the console of an Ubuntu instance shows it."""
    lines = [
        "[   12.412067] cloud-init[612]: Cloud-init v. 24.4 running 'modules:config'",
        "<14>Nov 30 12:00:21 cloud-init: ###############################################",
        "<14>Nov 30 12:00:21 cloud-init: -----BEGIN SSH HOST KEY FINGERPRINTS-----",
        "<14>Nov 30 12:00:21 cloud-init: 256 SHA256:0123456789abcdef root@ip-10-0-0-5 (ED25519)",
        "<14>Nov 30 12:00:21 cloud-init: -----END SSH HOST KEY FINGERPRINTS-----",
        "<14>Nov 30 12:00:21 cloud-init: ###############################################",
        "-----BEGIN SSH HOST KEY KEYS-----",
        *(f"{key} root@ip-10-0-0-5" for key in keys),
        "-----END SSH HOST KEY KEYS-----",
        "[   13.001122] cloud-init[640]: Cloud-init v. 24.4 finished. Up 13.00 seconds",
        "",
        "Ubuntu 24.04.1 LTS ip-10-0-0-5 ttyS0",
        "",
    ]
    return newline.join(lines)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_every_kind_of_key_is_read(tmp_path: Path, newline: str) -> None:
    keys = [made(tmp_path, kind) for kind in ("ecdsa", "ed25519", "rsa")]
    assert host_keys(console(*keys, newline=newline)) == keys


def test_after_another_boot_the_last_keys_count(tmp_path: Path) -> None:
    first, second = made(tmp_path), made(tmp_path)
    both = console(first) + console(second)
    assert host_keys(both) == [second]
    # The console ends while the third boot prints its keys.
    begun = (
        console(made(tmp_path)).partition("root@ip")[0].partition("\n-----BEGIN SSH HOST KEY K")[0]
    )
    assert host_keys(both + begun) == [second]


def test_lines_that_are_not_keys_are_ignored(tmp_path: Path) -> None:
    key = made(tmp_path)
    kind, data = key.split()
    other = f"ssh-rsa {data}"
    lines = ["", f"{kind} AAAA", f"{kind} {data[:40]}=", other, "[   12.9] EXT4-fs: remounted", key]
    assert host_keys(console(*lines)) == [key]
    for text in ("", "login:", console(), key, console(key).replace("BEGIN SSH HOST KEY KEYS", "")):
        assert host_keys(text) == []


class Cloud(HTTPServer):
    """EC2's GetConsoleOutput: each answer once, the last one for good."""

    def __init__(self, *answers: str) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.asked: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Cloud

    def do_POST(self) -> None:
        self.server.asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
        said = self.server.answers
        text = said.pop(0) if len(said) > 1 else said[0]
        refused = "<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not"
        refused += " authorized</Message></Error></Errors></Response>"
        output = base64.b64encode(text.encode()).decode()
        given = f"<GetConsoleOutputResponse><output>{output}</output></GetConsoleOutputResponse>"
        self.send_response(403 if text == "refused" else 200)
        self.end_headers()
        self.wfile.write((refused if text == "refused" else given).encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def cloud() -> Iterator[Cloud]:
    server = Cloud("")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def run(cloud: Cloud, folder: Path, *arguments: str) -> str:
    """Run the program for a host; ssh's settings name the known_hosts in a folder."""
    programs = folder / "bin"
    programs.mkdir(exist_ok=True)
    (folder / "config").write_text(f"UserKnownHostsFile {folder}/ssh/known_hosts\n")
    (programs / "ssh").write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {folder}/config "$@"\n')
    (programs / "ssh").chmod(0o755)
    done = subprocess.run(
        [sys.executable, PROGRAM, "--address", ADDRESS, "--instance=i-0", "--region=eu-west-1",
         *arguments],
        env={
            "PATH": f"{programs}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{cloud.server_port}",
            "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_MAX_ATTEMPTS": "1",
        },
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_keys_are_known_before_the_first_login(cloud: Cloud, tmp_path: Path) -> None:
    keys = [made(tmp_path, kind) for kind in ("ed25519", "rsa")]
    cloud.answers = [console(*keys)]
    assert "were read from the console of EC2" in run(cloud, tmp_path)
    known = tmp_path / "ssh/known_hosts"
    assert known.stat().st_mode & 0o777 == 0o600
    found = subprocess.check_output(["ssh-keygen", "-F", ADDRESS, "-f", known], text=True)
    for key in keys:
        assert f"{ADDRESS} {key}" in found
    # From then on nothing is asked, and nothing is said.
    asked = len(cloud.asked)
    assert run(cloud, tmp_path) == ""
    assert len(cloud.asked) == asked


def test_other_known_hosts_are_kept(cloud: Cloud, tmp_path: Path) -> None:
    known = tmp_path / "ssh/known_hosts"
    known.parent.mkdir()
    known.write_text(f"198.51.100.1 {made(tmp_path)}")
    before = known.read_text()
    key = made(tmp_path)
    cloud.answers = [console(key)]
    run(cloud, tmp_path)
    assert known.read_text() == f"{before}\n{ADDRESS} {key}\n"


@pytest.mark.parametrize(
    ("answer", "reason"), [("login:", "it shows none"), ("refused", "not auth")]
)
def test_without_keys_the_first_login_is_said_to_be_unverified(
    cloud: Cloud, tmp_path: Path, answer: str, reason: str
) -> None:
    cloud.answers = [answer]
    said = run(cloud, tmp_path, "--launched=2026-01-01T00:00:00+00:00")
    assert "The key of this first login is accepted" in said
    assert reason in said
    assert not (tmp_path / "ssh/known_hosts").exists()


def test_a_host_that_boots_is_waited_for(cloud: Cloud, tmp_path: Path) -> None:
    key = made(tmp_path)
    cloud.answers = ["", console(key)]
    said = run(cloud, tmp_path, "--launched=2999-01-01T00:00:00Z")
    assert "were read from the console of EC2" in said
    assert "Latest=true" in cloud.asked[0]
