"""The operator's chat is notified of a failed release, also after a rate limit by Telegram."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

ANSIBLE = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
TOKEN = "123456789:AAbbCC-dd_EE"
PLAY = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        {name: app, tasks_from: notify_operator.yml, rolespec_validate: false}
    - ansible.builtin.fail: {msg: "the play goes on"}
"""


class Telegram(HTTPServer):
    """Answers with the given statuses, then 200, and records the requests."""

    def __init__(self, statuses: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.statuses = statuses
        self.asked = 0
        self.taken: list[dict[str, object]] = []


class Handler(BaseHTTPRequestHandler):
    server: Telegram

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked += 1
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        if status == 200:
            self.server.taken.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def telegram(request: pytest.FixtureRequest) -> Iterator[Telegram]:
    server = Telegram(list(request.param))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def tell(telegram: Telegram, tmp_path: Path) -> str:
    """What a play says that tells the operator and then fails."""
    play = tmp_path / "play.yml"
    play.write_text(PLAY)
    variables = {
        "app_telegram_api_url": f"http://127.0.0.1:{telegram.server_port}",
        "app_telegram_bot_token": TOKEN,
        "app_admin_chat_id": "777",
        "app_verdict": "It was not released.",
        "app_tell_seconds": 6,
    }
    variables["ansible_python_interpreter"] = sys.executable
    playbook = str(TOOLS / "ansible-playbook")
    done = subprocess.run(
        [playbook, "-i", "localhost,", "-c", "local", str(play), "-e", json.dumps(variables)],
        cwd=ANSIBLE,
        env={"PATH": f"{TOOLS}:{os.environ['PATH']}", "HOME": str(tmp_path), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    said: str = done.stdout + done.stderr
    assert "the play goes on" in said, said
    assert TOKEN not in said
    return said


@pytest.mark.parametrize("telegram", [[], [429, 502]], indirect=True)
def test_the_operator_is_notified_once(telegram: Telegram, tmp_path: Path) -> None:
    tell(telegram, tmp_path)
    assert telegram.taken == [{"chat_id": 777, "text": "It was not released."}]


@pytest.mark.parametrize("telegram", [[400] * 9, [429] * 9], indirect=True)
def test_a_failed_notification_does_not_end_the_play(telegram: Telegram, tmp_path: Path) -> None:
    tell(telegram, tmp_path)
    assert telegram.taken == []
