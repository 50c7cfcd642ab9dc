"""A play that finds no host fails with an instruction, for every reason."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ANSIBLE = Path(__file__).resolve().parents[1]
PLAYBOOKS = sorted(
    path.name
    for path in ANSIBLE.glob("*.yml")
    if any(
        "hosts" in play or "import_playbook" in str(play)
        for play in yaml.safe_load(path.read_text())
    )
    and path.name != "find_hosts.yml"
)
NOBODY = "hnpal:\n  hosts: {}\nother:\n  hosts:\n    elsewhere: {ansible_connection: local}\n"
SOMEBODY = NOBODY.replace("hosts: {}", "hosts:\n    here: {ansible_connection: local}")


def play(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """The exit code of a run, and its output in one line."""
    done = subprocess.run(
        [Path(sys.executable).parent / "ansible-playbook", *arguments],
        cwd=ANSIBLE, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_CONFIG_FILE": "/dev/null",
            **environment,
        },
    )  # fmt: skip
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    (inventory := tmp_path / "nobody.yml").write_text(NOBODY)
    return inventory


@pytest.fixture
def somebody(tmp_path: Path) -> Path:
    (inventory := tmp_path / "somebody.yml").write_text(SOMEBODY)
    return inventory


@pytest.mark.parametrize("playbook", PLAYBOOKS)
def test_every_play_fails_at_an_empty_group(playbook: str, nobody: Path) -> None:
    code, said = play("-i", nobody, playbook)
    assert code != 0
    assert "There is no host in the group hnpal. Nothing was done." in said


@pytest.mark.parametrize("arguments", [["--tags", "drill"], ["--check"], ["--limit", "elsewhere"]])
def test_no_option_bypasses_the_check(arguments: list[str], nobody: Path) -> None:
    code, said = play("-i", nobody, "backup.yml", *arguments)
    assert code != 0
    assert "Nothing was done." in said


def test_a_limit_that_leaves_no_host(somebody: Path) -> None:
    code, said = play("-i", somebody, "backup.yml", "--limit", "elsewhere")
    assert code != 0
    assert "--limit elsewhere leaves no host of the group hnpal." in said


def test_a_limit_without_a_host(somebody: Path) -> None:
    assert play("-i", somebody, "backup.yml", "--limit", "nobody")[0] != 0


def test_no_credentials() -> None:
    code, said = play("backup.yml")
    assert code != 0
    assert "Unable to locate credentials" in said
    assert "aws login" in said and "AWS_REGION" in said


def test_one_inventory_of_two_that_cannot_be_read(somebody: Path) -> None:
    code, said = play("-i", somebody, "-i", ANSIBLE.parent / "inventory/production", "backup.yml")
    assert code != 0
    assert "Nothing was done." in said and "aws login" in said


def test_an_inventory_that_is_not_there(somebody: Path) -> None:
    code, said = play("-i", somebody, "-i", somebody.with_name("forgotten.yml"), "backup.yml")
    assert code != 0
    assert "forgotten.yml" in said


def test_a_host_that_is_there_is_found(somebody: Path) -> None:
    code, _ = play("-i", somebody, "find_hosts.yml")
    assert code == 0
