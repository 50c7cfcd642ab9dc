"""A new vault, as `make secrets` creates it for a real host."""

from __future__ import annotations

import secrets
from pathlib import Path

import yaml

from rehearsal.lab.aws import ACCESS_KEY_ID
from rehearsal.lab.programs import run
from rehearsal.lab.workspace import CLONE, Workspace

ADMIN_CHAT = 777_000_777


def write_secrets(workspace: Workspace, **changed: str) -> dict[str, str]:
    """Encrypt the secrets of this run, some of them `changed`; returns them in plain text."""
    plain = (read_secrets(workspace) or _made_up()) | changed
    plain_file = _plain_file(workspace)
    plain_file.touch(mode=0o600)
    plain_file.write_text(yaml.safe_dump(plain))

    password = vault_password_file(workspace)
    if not password.exists():
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(32) + "\n")
    no_settings = workspace.run / "empty.cfg"
    no_settings.touch()
    run(
        CLONE / "ansible/.venv/bin/ansible-vault",
        *("encrypt", "--vault-password-file", password, "--output", secrets_file(workspace)),
        timeout=60,
        text=plain_file.read_text(),
        # The project's ansible.cfg would add a second password file.
        environment={"ANSIBLE_CONFIG": str(no_settings)},
    )
    return plain


def read_secrets(workspace: Workspace) -> dict[str, str]:
    """The secrets of this run in plain text; empty if there are none yet."""
    plain_file = _plain_file(workspace)
    plain: dict[str, str] = yaml.safe_load(plain_file.read_text()) if plain_file.exists() else {}
    return plain


def secrets_file(workspace: Workspace) -> Path:
    return workspace.run / "secrets"


def vault_password_file(workspace: Workspace) -> Path:
    return workspace.run / "vault-password"


def _plain_file(workspace: Workspace) -> Path:
    return workspace.run / "secrets.plain"  # for later commands of the rehearsal


def new_bot_token() -> str:
    """A random token in Telegram's format."""
    return f"{secrets.randbelow(10**9):09}:{secrets.token_urlsafe(26)}"


def bucket_key(*, wanted: bool) -> dict[str, str]:
    """A key for the bucket, for a host without a role; otherwise empty."""
    secret = secrets.token_urlsafe(30) if wanted else ""
    return {
        "s3fs_access_key_id": ACCESS_KEY_ID if wanted else "",
        "s3fs_secret_access_key": secret,
    }


def _made_up() -> dict[str, str]:
    """Random secrets, so that finding one anywhere proves a leak."""
    return {
        "app_telegram_bot_token": new_bot_token(),
        "app_database_password": secrets.token_urlsafe(24),
        "app_openai_api_key": f"sk-rehearsal-{secrets.token_urlsafe(24)}",
        "app_admin_chat_id": str(ADMIN_CHAT),
    }
