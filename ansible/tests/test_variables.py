"""Defaults, argument specs and documentation agree."""

from __future__ import annotations

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


def test_every_secret_has_a_format_and_belongs_to_a_role() -> None:
    secrets = yaml.safe_load((ANSIBLE / "secrets.example").read_text())
    formats = yaml.safe_load((ANSIBLE / "vars" / "secret_formats.yml").read_text())
    assert list(secrets) == list(formats["secret_formats"])
    assert set(secrets) <= {name for role in ROLES for name in options(role)}
