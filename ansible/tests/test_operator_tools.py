"""What an operator types every day: the host's programs, and passwords out of a manager."""

from __future__ import annotations

import getpass
import os
import platform
import pty
import subprocess
import sys
from pathlib import Path

import pytest

ANSIBLE = Path(__file__).resolve().parents[1]
PASSWORD = "the vault's  password\\n$(id)"
# Each manager's program as it answers when it is asked as its manual says, and else refuses.
MANAGERS = {
    "1password": ("op", "read --no-newline op://Private/hnpal-vault/password"),
    "bitwarden": ("bw", "get password hnpal-vault --nointeraction"),
    "aws": (
        "aws",
        "secretsmanager get-secret-value --secret-id hnpal-vault"
        " --query SecretString --output text",
    ),
    "pass": ("pass", "show hnpal/vault"),
}


def program(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin", "HOME": str(tmp_path)}


def manager(tmp_path: Path, name: str) -> None:
    command, words = MANAGERS[name]
    (tmp_path / "password").write_text(PASSWORD + "\n")
    script = (
        f'[ "$*" = "{words}" ] || {{ echo "asked: $*" >&2; exit 64; }}; cat {tmp_path}/password'
    )
    program(tmp_path / "bin", command, script)


def ask(environment: dict[str, str], name: str, **more: str) -> subprocess.CompletedProcess[str]:
    """As Ansible asks: by way of vault-password."""
    script = ANSIBLE / "password_managers" / name
    return subprocess.run(
        [ANSIBLE / "vault-password"],
        env={**environment, "HNPAL_VAULT_PASSWORD_FILE": str(script), **more},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("name", MANAGERS)
def test_the_vaults_password_comes_from_a_manager(
    tmp_path: Path, environment: dict[str, str], name: str
) -> None:
    manager(tmp_path, name)
    done = ask(environment, name)
    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip("\n") == PASSWORD


@pytest.mark.parametrize("name", MANAGERS)
def test_a_manager_that_refuses_gives_no_password(
    tmp_path: Path, environment: dict[str, str], name: str
) -> None:
    manager(tmp_path, name)
    done = ask(environment, name, HNPAL_VAULT_ITEM="another item")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "another item" in done.stderr


def test_each_manager_has_its_test() -> None:
    assert {one.name for one in (ANSIBLE / "password_managers").iterdir()} == set(MANAGERS)


def test_a_vault_is_opened_by_a_manager_and_a_secret_looked_up_in_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    manager(tmp_path, "pass")
    tools = Path(sys.executable).parent
    given = {
        **environment,
        "HNPAL_VAULT_PASSWORD_FILE": str(ANSIBLE / "password_managers" / "pass"),
        "ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg"),
    }
    secrets = tmp_path / "secrets"
    secrets.write_text("app_openai_api_key: \"{{ lookup('pipe', 'pass show hnpal/vault') }}\"\n")
    subprocess.run(
        [tools / "ansible-vault", "encrypt", secrets], env=given, check=True, cwd=ANSIBLE
    )
    assert secrets.read_text().startswith("$ANSIBLE_VAULT")
    local = ("-i", "localhost,", "-c", "local")
    show = ("-m", "ansible.builtin.debug", "-a", "msg={{ app_openai_api_key | length }}")
    said = subprocess.check_output(
        [str(tools / "ansible"), "localhost", *local, "-e", f"@{secrets}", *show],
        env=given,
        cwd=ANSIBLE,
        text=True,
    )
    assert str(len(PASSWORD)) in said


INVENTORY = """
hnpal:
  hosts:
    my-host:
      ansible_host: 203.0.113.20
      ansible_user: debian
      ansible_port: 2222
      ansible_ssh_private_key_file: ~/.ssh/mine
      ansible_ssh_common_args: -o IdentitiesOnly=yes
"""


def on_host(
    tmp_path: Path, environment: dict[str, str], *words: str, **more: str
) -> subprocess.CompletedProcess[str]:
    program(tmp_path / "bin", "ssh", 'printf "%s\\n" "$@"')
    return subprocess.run(
        [sys.executable, ANSIBLE / "on_host.py", *words],
        env={**environment, "ANSIBLE_INVENTORY": str(tmp_path / "hosts.yml"), **more},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def in_terminal(tmp_path: Path, environment: dict[str, str], *words: str) -> list[str]:
    """The arguments that ssh is given when an operator types the command in a terminal."""
    program(tmp_path / "bin", "ssh", f'printf "%s\\n" "$@" >{tmp_path}/asked')
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [sys.executable, ANSIBLE / "on_host.py", *words],
            env={**environment, "ANSIBLE_INVENTORY": str(tmp_path / "hosts.yml")},
            stdin=theirs,
            stdout=theirs,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return (tmp_path / "asked").read_text().splitlines()


@pytest.mark.parametrize(
    "words, expected",
    [
        (["logs"], "sudo docker logs --tail 100 --follow hnpal-app"),
        (["console"], "sudo docker exec -i hnpal-postgres psql --username=hn_pal_app"),
        (["console", "python"], "sudo docker exec -i hnpal-app python"),
        (["console", "shell"], "sudo docker exec -i hnpal-app sh"),
        (["maintenance"], "sudo docker exec hnpal-app python -m app.set_maintenance show"),
        (
            ["maintenance", "on", "--for", "2h; reboot"],
            "sudo docker exec hnpal-app python -m app.set_maintenance on --by "
            f"{getpass.getuser()}@{platform.node()} --for '2h; reboot'",
        ),
        (["maintenance", "off"], "sudo docker exec hnpal-app python -m app.set_maintenance off"),
    ],
)
def test_the_ssh_command_is_that_of_ansible(
    tmp_path: Path, environment: dict[str, str], words: list[str], expected: str
) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    done = on_host(tmp_path, environment, *words)
    assert done.returncode == 0, done.stderr
    *options, program_run = done.stdout.splitlines()
    assert program_run.startswith(expected)
    assert options == [
        *("-T", "-l", "debian", "-p", "2222", "-i", f"{tmp_path}/.ssh/mine"),
        *("-o", "IdentitiesOnly=yes", "203.0.113.20", "--"),
    ]


@pytest.mark.parametrize(
    "words, expected",
    [
        (["logs"], "sudo docker logs --tail 100 --follow hnpal-app"),
        (
            ["console"],
            "sudo docker exec -it hnpal-postgres psql --username=hn_pal_app --dbname=hn_pal",
        ),
        (["console", "python"], "sudo docker exec -it hnpal-app python"),
        (["console", "shell"], "sudo docker exec -it hnpal-app sh"),
    ],
)
def test_in_a_terminal_the_program_has_one_too(
    tmp_path: Path, environment: dict[str, str], words: list[str], expected: str
) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    asked = in_terminal(tmp_path, environment, *words)
    assert (asked[0], asked[-1]) == ("-t", expected)


def test_sql_from_a_pipe_ends_with_its_first_error(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY)
    assert "--set=ON_ERROR_STOP=1" in on_host(tmp_path, environment, "console").stdout


def test_of_several_hosts_one_is_named(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "hosts.yml").write_text(INVENTORY + "    other: {}\n")
    refused = on_host(tmp_path, environment, "logs")
    assert refused.returncode == 1
    assert "HOST=my-host" in refused.stderr
    assert "\nother\n" in on_host(tmp_path, environment, "logs", HOST="other").stdout
    unknown = on_host(tmp_path, environment, "logs", HOST="lost")
    assert "There is no host lost" in unknown.stderr


def test_without_a_host_it_says_what_to_do(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "hosts.yml").write_text("all: {}\n")
    refused = on_host(tmp_path, environment, "console")
    assert refused.returncode == 1
    assert "ANSIBLE_INVENTORY" in refused.stderr
