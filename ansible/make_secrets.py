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
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
TEMPLATE = HERE / "secrets.example"
FORMATS = HERE / "vars" / "secret_formats.yml"
# As terraform/destination.sh, which puts "hnpal-" before it.
DESTINATION_NAME = re.compile(r"[a-z][a-z0-9-]{1,13}")
GENERATED = ("app_database_password", "backup_key")
HAVE_LINE_BREAKS = ("app_deploy_key", "website_git_key")
EVALUATED = re.compile(r"\{\{|\{%|\{#")
# A number need not be hidden while it is typed.
SHOWN = "app_admin_chat_id"


def main() -> int:
    suffix = destination_suffix()
    base = Path(os.environ.get("HNPAL_SECRETS_FILE", HERE / "secrets"))
    target = base.with_name(base.name + suffix)
    if target.exists():
        print(f"{target} exists. Change it, from ansible/: ansible-vault edit secrets{suffix}")
        return 1
    formats = yaml.safe_load(FORMATS.read_text())["secret_formats"]
    answers = {}
    for comment, name in questions(TEMPLATE.read_text()):
        answers[name] = answer(name, comment, formats[name])
    provide_vault_password(HERE / f".vault-password{suffix}")
    encrypt(fill_in(TEMPLATE.read_text(), answers), target)
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
    if not DESTINATION_NAME.fullmatch(name) or name == "example":
        raise SystemExit("DESTINATION must be 2 to 14 small letters, digits or hyphens")
    return f".{name}"


def questions(template: str) -> list[tuple[str, str]]:
    """The names of the secrets, each with the comment above it."""
    found = []
    for paragraph in template.split("\n\n")[1:]:
        lines = paragraph.strip().splitlines()
        comment = " ".join(line.removeprefix("# ") for line in lines if line.startswith("#"))
        found += [(comment, line.split(":")[0]) for line in lines if not line.startswith("#")]
    return found


def answer(name: str, comment: str, wanted: dict[str, str]) -> str:
    """The value of a secret: from the environment, generated, or asked for until it is valid.

    Raises:
        SystemExit: the value is invalid and there is no terminal.
    """
    value = os.environ.get(name.removeprefix("app_").upper(), "")
    if not value and name in GENERATED:
        return secrets.token_hex(24)
    can_ask = sys.stdin.isatty() and not value and name not in HAVE_LINE_BREAKS
    while True:
        if can_ask:
            print(f"\n{comment}")
            may_be_empty = re.fullmatch(wanted["pattern"], "")
            needed = "empty for none" if may_be_empty else "required"
            if name == SHOWN:
                value = input(f"{name} ({needed}): ").strip()
            else:
                value = getpass.getpass(f"{name} (not shown; {needed}): ").strip()
        if re.fullmatch(wanted["pattern"], value):
            return value
        if not can_ask:
            raise SystemExit(f"{name} {wanted['hint'] if value else 'is missing'}")
        print(f"It {wanted['hint']}.")


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


def fill_in(template: str, answers: dict[str, str]) -> str:
    for name, value in answers.items():
        written = yaml.safe_dump(value, default_style='"', width=10**6).strip()
        if EVALUATED.search(value):
            # Ansible would evaluate it.
            written = f"!unsafe {written}"
        template = template.replace(f'{name}: ""', f"{name}: {written}")
    return template


def encrypt(text: str, target: Path) -> None:
    ansible_vault = Path(sys.executable).with_name("ansible-vault")
    command = [str(ansible_vault), "encrypt", "--output", str(target), "-"]
    subprocess.run(command, input=text, text=True, cwd=HERE, check=True, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
