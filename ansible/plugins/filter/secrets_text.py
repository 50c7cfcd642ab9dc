"""Checks the secrets' text before Ansible evaluates it, because its errors would quote lines."""

from __future__ import annotations

import re
from typing import Any

import jinja2
import yaml
from ansible.errors import AnsibleFilterError

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


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"template_complaints": template_complaints}
