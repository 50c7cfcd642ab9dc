"""`make secrets` with typed input, and the errors of a play for invalid secrets."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from secrets_text import HINT, template_complaints
from settings import misfits

ANSIBLE = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent
TOKEN = "123456789:AAbbCC-dd_EE"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    password = tmp_path / "vault-password"
    password.write_text("known to this test only\n")
    return {
        "PATH": f"{TOOLS}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "HNPAL_SECRETS_FILE": str(tmp_path / "secrets"),
        "HNPAL_VAULT_PASSWORD_FILE": str(password),
        "NO_COLOR": "1",
    }


def typed(answers: list[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run make_secrets.py in a terminal, answer its questions; its exit status and the screen."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, str(ANSIBLE / "make_secrets.py")], environment)
    screen, waiting = "", list(answers)
    while True:
        try:
            said = os.read(terminal, 4096).decode()
        except OSError:  # the other end is closed
            break
        screen += said
        if waiting and screen.endswith("): "):
            os.write(terminal, f"{waiting.pop(0)}\n".encode())
            # What is typed is shown or not; either way the next question comes after it.
            screen += "\n"
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen


def decrypted(environment: dict[str, str]) -> dict[str, str]:
    view = subprocess.check_output(
        [TOOLS / "ansible-vault", "view", environment["HNPAL_SECRETS_FILE"]],
        env=environment,
        cwd=ANSIBLE,
        text=True,
    )
    content: dict[str, str] = yaml.safe_load(view)
    return content


def test_secrets_are_entered_interactively(environment: dict[str, str]) -> None:
    mistaken = ["a token", "", TOKEN, "me", "777", "sk-'quoted'", "sk-1"]
    status, screen = typed([*mistaken, *[""] * 5], environment)
    assert status == 0, screen
    assert screen.count("must look like 123456789:ABC") == 2
    assert "It must be a number, or empty." in screen
    assert TOKEN not in screen and "sk-1" not in screen
    secrets = decrypted(environment)
    assert secrets["app_telegram_bot_token"] == TOKEN
    assert (secrets["app_admin_chat_id"], secrets["app_openai_api_key"]) == ("777", "sk-1")
    made_up = (secrets["app_database_password"], secrets["backup_key"])
    assert all(re.fullmatch(r"[0-9a-f]{48}", one) for one in made_up)
    assert len(set(made_up)) == 2
    assert TOKEN not in Path(environment["HNPAL_SECRETS_FILE"]).read_text()


def test_template_syntax_in_a_secret_is_kept_literally(environment: dict[str, str]) -> None:
    given = environment | {"TELEGRAM_BOT_TOKEN": TOKEN, "OPENAI_API_KEY": "sk-{{7*7}}\\{%x"}
    subprocess.run(
        [sys.executable, ANSIBLE / "make_secrets.py"],
        env=given,
        stdin=subprocess.DEVNULL,
        check=True,
    )
    home = Path(environment["HOME"])
    (home / "vars").symlink_to(ANSIBLE / "vars")
    play = home / "play.yml"
    play.write_text(
        "- hosts: localhost\n  gather_facts: false\n  tasks:\n"
        f"    - ansible.builtin.import_tasks: {ANSIBLE}/tasks/preflight.yml\n"
        "    - ansible.builtin.debug: {msg: '<{{ app_secret_settings | to_json }}>'}\n"
    )
    said = subprocess.check_output(
        [TOOLS / "ansible-playbook", "-i", "localhost,", "-c", "local", play],
        env=environment,
        cwd=ANSIBLE,
        text=True,
    )
    printed = re.search(r"^<(.*)>$", said, re.MULTILINE)
    assert printed is not None, said
    assert json.loads(printed[1]) == {
        "OPENAI_API_KEY": "sk-{{7*7}}\\{%x",
        "HEARTBEAT_URL": "",
        "LANGFUSE_PUBLIC_KEY": "",
        "LANGFUSE_SECRET_KEY": "",
    }


def test_a_secret_that_is_a_lookup_is_evaluated() -> None:
    text = "a: \"{{ lookup('pipe', 'pass show a') }}\"\nb: !unsafe 'x{{y'\nc: !vault |\n  {{\n"
    assert template_complaints(text) == []
    for value in ("{{ lookup('pipe', 'x' }}", "x{{ lookup('pipe', 'x') }}", "{{ a }}", "{# x"):
        assert template_complaints(f'a: "{value}"') == [f"a {HINT}"]
    with pytest.raises(AnsibleFilterError, match=r"^line 3 is no YAML$"):
        template_complaints("a: neighbour\nb: 'x\n")


def test_settings_that_an_env_file_cannot_hold_are_named() -> None:
    good = {"A": "", "B_2": "x\\y {{ $z # é", "C": 5}
    bad = {"D": "it's", "E": "x\\", "F": "a\nb", "G-H": "", "I": "a\x00", "J": "\u2028"}
    assert misfits(good | bad) == [repr(name) for name in bad]


def test_secrets_that_are_there_are_never_overwritten(environment: dict[str, str]) -> None:
    path = Path(environment["HNPAL_SECRETS_FILE"])
    path.write_text("precious")
    status, screen = typed([], environment)
    assert status == 1
    assert "exists. Change it, from ansible/: ansible-vault edit secrets" in screen
    assert path.read_text() == "precious"


def test_secrets_can_come_from_the_environment(environment: dict[str, str]) -> None:
    command: list[str | Path] = [sys.executable, ANSIBLE / "make_secrets.py"]
    given = environment | {"TELEGRAM_BOT_TOKEN": TOKEN, "OPENAI_API_KEY": "two words"}
    refused = subprocess.run(
        command, env=given, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert refused.stderr == (
        "app_openai_api_key must be one word without quotes that does not end in a backslash,"
        " or empty\n"
    )
    given["OPENAI_API_KEY"] = "sk-2"
    subprocess.run(command, env=given, stdin=subprocess.DEVNULL, check=True)
    assert decrypted(environment)["app_openai_api_key"] == "sk-2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "is missing. Create it with: make secrets"),
        ("", "app_telegram_bot_token is missing; app_database_password is missing. Correct it"),
        (
            f"app_telegram_bot_token: {TOKEN}\napp_database_password: short\n",
            "app_database_password must have at least 12 letters",
        ),
        (
            f"app_telegram_bot_token: {TOKEN}\napp_database_password: {'a' * 12}\n"
            "app_openai_api_key:\napp_langfuse_public_key: pk\n",
            'app_openai_api_key has no value: write "" for none; '
            "app_langfuse_public_key is of no use without app_langfuse_secret_key",
        ),
        ("- a list\n", "cannot be read: the vault password is wrong, or it is no YAML"),
        (
            f"app_telegram_bot_token: {TOKEN}\napp_database_password: neighbour{'a' * 12}\n"
            "app_openai_api_key: 'sk-neighbour\\'\n",
            "app_openai_api_key must be one word without quotes that does not end in a backslash",
        ),
        (
            f"app_telegram_bot_token: {TOKEN}\napp_database_password: neighbour{'a' * 12}\n"
            "app_openai_api_key: 'sk-{{ 7 * 7 }}'\napp_langfuse_public_key: '{% raw %'\n",
            "app_openai_api_key holds {{, {% or {#, which Ansible would evaluate: write !unsafe "
            "before its value; app_langfuse_public_key holds",
        ),
        (
            f"app_telegram_bot_token: {TOKEN}\napp_database_password: neighbour{'a' * 12}\n"
            "app_openai_api_key: \"sk-neighbour\n",
            "cannot be read: the vault password is wrong, or it is no YAML",
        ),
    ],
    ids=[
        "no file", "nothing in it", "malformed", "half", "no mapping", "a backslash at the end",
        "templates", "no YAML",
    ],
)  # fmt: skip
def test_a_play_stops_before_it_reaches_the_host(
    environment: dict[str, str], content: str | None, said: str
) -> None:
    if content is not None:
        Path(environment["HNPAL_SECRETS_FILE"]).write_text(content)
    done = subprocess.run(
        [TOOLS / "ansible-playbook", "-i", "../inventory/static.example.yml", "site.yml"],
        env=environment,
        cwd=ANSIBLE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert said in " ".join(done.stdout.split()) + " ".join(done.stderr.split())
    assert "unreachable=0" in done.stdout
    for quoted in (TOKEN, "neighbour", "sk-"):
        assert quoted not in done.stdout + done.stderr
