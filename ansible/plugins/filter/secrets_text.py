"""Checks the secrets' text before Ansible evaluates it, because its errors would quote lines, and
compares bots of several destinations.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import jinja2
import yaml
from ansible.errors import AnsibleError, AnsibleFilterError
from ansible.parsing.vault import VaultLib, VaultSecret

ANSIBLE = Path(__file__).resolve().parents[2]
PRODUCTION = "production"
BOT_TOKEN = "app_telegram_bot_token"  # noqa: S105 - the name of the variable
# For a password manager that asks somebody first.
MANAGER_SECONDS = 60

TEMPLATE = re.compile(r"\{\{|\{%|\{#")
LOOKUP = re.compile(r"\s*\{\{\s*(lookup|query)\(.*\}\}\s*", re.DOTALL)
HINT = "holds {{, {% or {#, which Ansible would evaluate: write !unsafe before its value"


class Literal(str):
    """A value that Ansible does not evaluate."""


class _Loader(yaml.SafeLoader):
    """Supports the tags that Ansible adds to YAML."""


def _literal(loader: yaml.SafeLoader, node: yaml.Node) -> Literal:
    return Literal(node.value)


for _tag in ("!unsafe", "!vault", "!vault-encrypted"):
    _Loader.add_constructor(_tag, _literal)


def template_complaints(text: str) -> list[str]:
    """The secrets that Ansible would evaluate, by name and without their values.

    A value that is a lookup as a whole is meant to be evaluated.

    Raises:
        AnsibleFilterError: the text is not a YAML mapping; the message contains only a line number.
    """
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 - made from the safe one
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark else "it"
        raise AnsibleFilterError(f"{where} is no YAML") from None
    if not isinstance(content, dict | None):
        raise AnsibleFilterError("it holds no names with values")
    values = (content or {}).items()
    return [f"{name} {HINT}" for name, value in values if _is_misread(value)]


def _is_misread(value: object) -> bool:
    if not isinstance(value, str) or isinstance(value, Literal) or not TEMPLATE.search(value):
        return False
    if not LOOKUP.fullmatch(value):
        return True
    try:
        jinja2.Environment().parse(value)  # noqa: S701 - nothing is rendered
    except jinja2.TemplateSyntaxError:
        return True
    return False


def others_with_bot(token: str, base: str, destination: str) -> dict[str, list[str]]:
    """The other destinations that have the bot of this token, as `same`, and those whose token
    cannot be read, as `unknown`. `base` is the path of production's secrets.
    """
    files = {"": Path(base)}
    for path in sorted(Path(base).parent.glob(f"{Path(base).name}.*")):
        # Not an operator's copy, such as secrets.bak.
        if (ANSIBLE.parent / "inventory" / path.suffix[1:]).is_dir():
            files[path.suffix[1:]] = path
    files.pop(destination, None)
    found: dict[str, list[str]] = {"same": [], "unknown": []}
    for name, path in files.items():
        if not path.is_file():
            continue
        theirs = _token_in(path, name)
        if theirs is None:
            found["unknown"].append(name or PRODUCTION)
        elif _bot(theirs) == _bot(token):
            found["same"].append(name or PRODUCTION)
    return found


def _bot(token: str) -> str:
    """The bot's id (https://core.telegram.org/bots/features#generating-an-authentication-token)."""
    return token.partition(":")[0]


def _token_in(path: Path, destination: str) -> str | None:
    """The token in the secrets of a destination; None if it cannot be read without a question."""
    content = path.read_bytes()
    try:
        if content.startswith(b"$ANSIBLE_VAULT"):
            secret = VaultSecret(_password(destination))
            content = VaultLib([("default", secret)]).decrypt(content)
        values = yaml.load(content, Loader=_Loader)  # noqa: S506 - made from the safe one
    except (AnsibleError, yaml.YAMLError, OSError, subprocess.SubprocessError):
        return None
    token = values.get(BOT_TOKEN) if isinstance(values, dict) else None
    return token if isinstance(token, str) and not TEMPLATE.search(token) else None


def _password(destination: str) -> bytes:
    environment = {name: value for name, value in os.environ.items() if name != "DESTINATION"}
    if destination:
        environment["DESTINATION"] = destination
    # Without a terminal, vault-password asks nobody.
    return subprocess.run(
        [ANSIBLE / "vault-password"], env=environment, stdin=subprocess.DEVNULL, check=True,
        capture_output=True, timeout=MANAGER_SECONDS, start_new_session=True,
    ).stdout.strip()  # fmt: skip


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"template_complaints": template_complaints, "others_with_bot": others_with_bot}
