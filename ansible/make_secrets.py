"""`make secrets`: asks for HN Pal's secrets and writes them, encrypted, to ansible/secrets, or to
ansible/secrets.<name> for the destination DESTINATION=<name>.

Environment variables can replace the answers: TELEGRAM_BOT_TOKEN for app_telegram_bot_token,
S3FS_ACCESS_KEY_ID for s3fs_access_key_id. Without a terminal, other secrets stay empty.
"""

from __future__ import annotations

import getpass
import os
import re
import secrets
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SPECS = HERE / "vars" / "secret_specs.yml"
# As terraform/destination.sh, which puts "hnpal-" before it.
DESTINATION_NAME = re.compile(r"[a-z][a-z0-9-]{1,13}")
EVALUATED = re.compile(r"\{\{|\{%|\{#")
HEADER = """\
---
# What HN Pal must know and nobody else may. From ansible/, `ansible-vault edit secrets` changes it.
# To rotate a secret: change it, then run site.yml.
# A value that holds {{ needs !unsafe before it: name: !unsafe "a{{b".
"""
WIDTH = 118


def main() -> int:
    suffix = destination_suffix()
    base = Path(os.environ.get("HNPAL_SECRETS_FILE", HERE / "secrets"))
    target = base.with_name(base.name + suffix)
    if target.exists():
        print(f"{target} exists. Change it, from ansible/: ansible-vault edit secrets{suffix}")
        return 1
    specs = yaml.safe_load(SPECS.read_text())["secret_specs"]
    answers = {name: answer(name, spec) for name, spec in specs.items()}
    provide_vault_password(HERE / f".vault-password{suffix}")
    content = (entry(specs[name]["description"], name, value) for name, value in answers.items())
    encrypt(HEADER + "".join(content), target)
    print(
        f"{target} is written. Change it later, from ansible/: ansible-vault edit secrets{suffix}"
    )
    return 0


def destination_suffix() -> str:
    """What the names of a destination's files end in; empty for production.

    Raises:
        SystemExit: DESTINATION is no name of a destination.
    """
    name = os.environ.get("DESTINATION", "")
    if name in ("", "production"):
        return ""
    if not DESTINATION_NAME.fullmatch(name):
        raise SystemExit("DESTINATION must be 2 to 14 small letters, digits or hyphens")
    return f".{name}"


def answer(name: str, spec: dict[str, Any]) -> str:
    """The value of a secret: from the environment, generated, or asked for until it is valid.

    Raises:
        SystemExit: the value is invalid and there is no terminal.
    """
    value = os.environ.get(name.removeprefix("app_").upper(), "")
    if not value and spec.get("generated"):
        return secrets.token_hex(24)
    can_ask = sys.stdin.isatty() and not value and spec.get("typed") != "never"
    while True:
        if can_ask:
            print(f"\n{spec['description']}")
            may_be_empty = re.fullmatch(spec["pattern"], "")
            needed = "empty for none" if may_be_empty else "required"
            if spec.get("typed") == "shown":
                value = input(f"{name} ({needed}): ").strip()
            else:
                value = getpass.getpass(f"{name} (not shown; {needed}): ").strip()
        if re.fullmatch(spec["pattern"], value):
            return value
        if not can_ask:
            raise SystemExit(f"{name} {spec['hint'] if value else 'is missing'}")
        print(f"It {spec['hint']}.")


def provide_vault_password(password_file: Path) -> None:
    """Generate a password and store it in a file, unless the operator has provided one."""
    if password_file.exists() or os.environ.get("HNPAL_VAULT_PASSWORD_FILE"):
        return
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secrets.token_urlsafe(24)}\n")
    print(
        f"\nThe vault's password is made up and kept in {password_file}. Copy it to your password"
        " manager: without it nobody reads the secrets again. You may then replace the file by an"
        " executable script that asks the manager, or delete it to be asked each time."
    )


def entry(description: str, name: str, value: str) -> str:
    """The lines of a secret in the vault."""
    written = yaml.safe_dump(value, default_style='"', width=10**6).strip()
    if EVALUATED.search(value):
        # Ansible would evaluate it.
        written = f"!unsafe {written}"
    return f"\n{textwrap.indent(textwrap.fill(description, WIDTH), '# ')}\n{name}: {written}\n"


def encrypt(text: str, target: Path) -> None:
    ansible_vault = Path(sys.executable).with_name("ansible-vault")
    command = [str(ansible_vault), "encrypt", "--output", str(target), "-"]
    subprocess.run(command, input=text, text=True, cwd=HERE, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
