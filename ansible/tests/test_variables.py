"""Defaults, argument specs and documentation agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import document_variables

ANSIBLE = Path(__file__).resolve().parents[1]
ROLES = sorted(path.name for path in (ANSIBLE / "roles").iterdir())


def load(role: str, file: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ANSIBLE / "roles" / role / file).read_text())
    return content


def options(role: str) -> dict[str, dict[str, Any]]:
    entry_points = load(role, "meta/argument_specs.yml")["argument_specs"].values()
    return {name: option for one in entry_points for name, option in one["options"].items()}


@pytest.mark.parametrize("role", ROLES)
def test_every_default_is_specified_and_every_specified_default_is_true(role: str) -> None:
    specified = {name: one["default"] for name, one in options(role).items() if "default" in one}
    assert specified == load(role, "defaults/main.yml")


@pytest.mark.parametrize("role", ROLES)
def test_every_variable_is_required_or_has_a_default_and_a_sentence(role: str) -> None:
    for name, option in options(role).items():
        assert name.startswith(f"{role}_"), name
        assert option.get("required", False) != ("default" in option), name
        assert option["description"].strip().endswith("."), name


@pytest.mark.parametrize("role", ROLES)
def test_the_readme_documents_the_role(role: str) -> None:
    readme = (ANSIBLE / "roles" / role / "README.md").read_text()
    assert f"<!-- variables: {role} -->" in readme


def test_the_tables_of_variables_are_up_to_date() -> None:
    stale = [
        path.name for path in document_variables.DOCUMENTS
        if document_variables.documented(path.read_text()) != path.read_text()
    ]  # fmt: skip
    assert not stale, "run ansible/document_variables.py"


def secret_specs() -> dict[str, dict[str, Any]]:
    content = yaml.safe_load((ANSIBLE / "vars" / "secret_specs.yml").read_text())
    specs: dict[str, dict[str, Any]] = content["secret_specs"]
    return specs


def test_every_secret_is_a_variable_of_a_role_or_a_setting_of_the_app() -> None:
    variables = {name for role in ROLES for name in options(role)}
    manual = (ANSIBLE.parent / "docs" / "settings.md").read_text()
    for name, spec in secret_specs().items():
        assert ("setting" in spec) != (name in variables), name
        row = rf"^\| `{spec.get('setting')}` \| .* \| `{name}` \|$"
        assert "setting" not in spec or re.search(row, manual, re.MULTILINE), name


def test_every_secret_setting_of_the_app_is_asked_for_or_computed() -> None:
    code = (ANSIBLE.parent / "backend" / "app" / "settings.py").read_text()
    secret = {name.upper() for name in re.findall(r"^    (\w+): SecretStr", code, re.MULTILINE)}
    given = {spec["setting"] for spec in secret_specs().values() if "setting" in spec}
    assert given < secret
    assert secret <= given | set(load("app", "vars/main.yml")["app_settings"])


def test_every_secret_is_described_and_has_a_pattern() -> None:
    known = {"description", "pattern", "hint", "setting", "partner", "generated", "typed"}
    for name, spec in secret_specs().items():
        assert {"description", "pattern", "hint"} <= set(spec) <= known, name
        assert re.compile(spec["pattern"]) and spec["description"].endswith("."), name
        assert spec.get("partner", name) in secret_specs(), name
        assert spec.get("typed", "shown") in {"shown", "never"}, name
