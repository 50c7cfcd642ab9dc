"""Staging beside production: each play knows which it works on, by whose secrets, and whose bot."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ANSIBLE = Path(__file__).resolve().parents[1]
ROOT = ANSIBLE.parent
TOOLS = Path(sys.executable).parent
TOKEN, OTHER = "123456789:AAbbCC-dd_EE", "987654321:AAbbCC-dd_EE"
REACHED = "all is well with"
PLAY = f"""
- name: Find the hosts
  ansible.builtin.import_playbook: find_hosts.yml

- name: Begin
  hosts: hnpal
  gather_facts: false
  tasks:
    - name: Check the secrets
      ansible.builtin.import_tasks: tasks/preflight.yml

    - name: Go on
      ansible.builtin.debug:
        msg: "{REACHED} {{{{ destination or 'production' }}}} {{{{ secrets_file | basename }}}}"
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of the operator's, with two destinations on this machine and one password each."""
    ignored = shutil.ignore_patterns(".venv", "secrets", "secrets.*", ".vault-password*", "tests")
    shutil.copytree(ANSIBLE, tmp_path / "ansible", ignore=ignored)
    (tmp_path / "ansible/begin.yml").write_text(PLAY)
    for name in "production", "staging":
        folder = tmp_path / "inventory" / name
        folder.mkdir(parents=True)
        (folder / "hosts.yml").write_text(
            "hnpal:\n  hosts:\n    here:\n      ansible_connection: local\n"
            f"      ansible_python_interpreter: {sys.executable}\n"
        )
    return tmp_path / "ansible"


def run(clone: Path, *command: str | Path, **environment: str) -> tuple[int, str]:
    named = ("DESTINATION", "HNPAL_", "ANSIBLE_", "TELEGRAM_")
    given = {name: value for name, value in os.environ.items() if not name.startswith(named)}
    done = subprocess.run(
        [sys.executable if command[0] == "python" else TOOLS / command[0], *command[1:]],
        cwd=clone, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        start_new_session=True,
        env={**given, "PATH": f"{TOOLS}:{os.environ['PATH']}", **environment},
    )  # fmt: skip
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


def begin(clone: Path, *options: str, **environment: str) -> tuple[int, str]:
    return run(clone, "ansible-playbook", "begin.yml", *options, **environment)


def make_secrets(clone: Path, token: str, **environment: str) -> str:
    code, said = run(clone, "python", "make_secrets.py", TELEGRAM_BOT_TOKEN=token, **environment)
    assert code == 0, said
    return said


STAGING = ("-i", "../inventory/staging")
CHOSEN = {"DESTINATION": "staging"}


def test_each_has_its_secrets_and_its_password(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    said = make_secrets(clone, OTHER, **CHOSEN)
    assert "ansible-vault edit secrets.staging" in said
    passwords = [(clone / f".vault-password{end}").read_text() for end in ("", ".staging")]
    assert passwords[0] != passwords[1]
    assert f"{REACHED} production secrets " in begin(clone)[1]
    assert f"{REACHED} production secrets " in begin(clone, DESTINATION="production")[1]
    assert f"{REACHED} staging secrets.staging " in begin(clone, *STAGING, **CHOSEN)[1]
    # As make exports it, and as a file of that folder.
    inventory = str(clone.parent / "inventory/staging")
    assert f"{REACHED} staging" in begin(clone, ANSIBLE_INVENTORY=inventory, **CHOSEN)[1]
    assert f"{REACHED} staging" in begin(clone, "-i", f"{inventory}/hosts.yml", **CHOSEN)[1]


def test_the_inventory_alone_never_gets_productions_secrets(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    code, said = begin(clone, *STAGING)
    assert code != 0 and "make secrets DESTINATION=staging" in said
    make_secrets(clone, OTHER, **CHOSEN)
    code, said = begin(clone, *STAGING)
    assert code != 0 and "export DESTINATION=staging" in said
    shutil.copy(clone / ".vault-password", clone / "same")
    (clone / ".vault-password.staging").replace(clone / ".vault-password")
    assert f"{REACHED} staging secrets.staging " in begin(clone, *STAGING)[1]


def test_one_bot_for_two_destinations_is_refused_on_both_sides(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    # Also with a new token of the same bot.
    make_secrets(clone, TOKEN + "-revoked", **CHOSEN)
    code, said = begin(clone, *STAGING, **CHOSEN)
    assert code != 0
    assert "staging has the bot of production" in said and "secrets.staging" in said
    code, said = begin(clone)
    assert code != 0 and "production has the bot of staging" in said
    assert TOKEN not in said and REACHED not in said


def test_secrets_of_others_that_cannot_be_read_are_told_of(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    make_secrets(clone, OTHER, **CHOSEN)
    (clone / ".vault-password.staging").unlink()
    code, said = begin(clone)
    assert code == 0, said
    assert "also that of staging cannot be checked" in said
    assert f"{REACHED} production" in said


def test_a_copy_of_the_secrets_is_no_destination(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    shutil.copy(clone / "secrets", clone / "secrets.bak")
    code, said = begin(clone)
    assert code == 0 and f"{REACHED} production" in said, said


def test_the_word_and_the_inventory_must_agree(clone: Path) -> None:
    make_secrets(clone, TOKEN)
    for options, chosen in (
        ((), "staging"),
        (STAGING, "production"),
        ((*STAGING, "-i", "../inventory/production"), ""),
    ):
        code, said = begin(clone, *options, DESTINATION=chosen)
        assert code != 0 and REACHED not in said
        assert "DESTINATION is" in said or "several destinations at once" in said


def test_a_file_of_secrets_elsewhere_has_its_destinations_beside_it(
    clone: Path, tmp_path: Path
) -> None:
    elsewhere = {"HNPAL_SECRETS_FILE": str(tmp_path / "mine")}
    make_secrets(clone, TOKEN, **elsewhere)
    make_secrets(clone, OTHER, **elsewhere, **CHOSEN)
    assert f"{REACHED} staging mine.staging " in begin(clone, *STAGING, **elsewhere, **CHOSEN)[1]
    assert f"{REACHED} production mine " in begin(clone, **elsewhere)[1]


@pytest.mark.parametrize("name", ["../x", "Staging", "a b", "a"])
def test_a_name_that_is_none_makes_no_secrets(clone: Path, name: str) -> None:
    code, said = run(clone, "python", "make_secrets.py", TELEGRAM_BOT_TOKEN=TOKEN, DESTINATION=name)
    assert code != 0 and "DESTINATION must be" in said
    assert [one.name for one in clone.glob("secrets*")] == []


def test_stagings_inventory_is_productions_for_another_project() -> None:
    production, staging = (
        (ROOT / "inventory" / name / "aws_ec2.yml").read_text().splitlines()[2:]
        for name in ("production", "staging")
    )
    [(before, after)] = [pair for pair in zip(production, staging, strict=True) if len({*pair}) > 1]
    assert "HNPAL_PROJECT" in before and after == "  tag:Project: hnpal-staging"


@pytest.mark.parametrize("destination", ["", "production", "staging"])
def test_make_hands_the_destination_on(destination: str) -> None:
    show = 'show: ; @echo "[$${DESTINATION-}] [$${ANSIBLE_INVENTORY-}]"'
    named = [f"DESTINATION={destination}"] if destination else []
    given = {"PATH": os.environ["PATH"], "ANSIBLE_INVENTORY": "mine"}
    said = subprocess.check_output(
        ["make", "--eval", show, "show", *named], cwd=ROOT, env=given, text=True
    )
    if destination == "staging":
        assert said.strip() == f"[staging] [{ROOT}/inventory/staging]"
    else:
        assert said.strip() == f"[{destination}] [mine]"
