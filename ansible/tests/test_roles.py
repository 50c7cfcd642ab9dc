"""Every role is used by a play, and checked alone and on a finished host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ANSIBLE = Path(__file__).resolve().parents[1]
HOST_TESTS = ANSIBLE.parent / "rehearsal/host_tests"
ROLES = sorted(path.name for path in (ANSIBLE / "roles").iterdir())
INCLUDES = ("ansible.builtin.import_role", "ansible.builtin.include_role")


def roles_in(content: Any) -> Iterator[str]:
    """The names of the roles that plays or tasks use."""
    if isinstance(content, list):
        for one in content:
            yield from roles_in(one)
    elif isinstance(content, dict):
        for key, value in content.items():
            if key == "roles":
                yield from (one["role"] if isinstance(one, dict) else one for one in value)
            elif key in INCLUDES:
                yield value["name"]
            else:
                yield from roles_in(value)


@pytest.mark.parametrize("role", ROLES)
def test_a_play_uses_the_role(role: str) -> None:
    files = [*ANSIBLE.glob("*.yml"), *ANSIBLE.glob("plays/*.yml")]
    assert role in {name for file in files for name in roles_in(yaml.safe_load(file.read_text()))}


@pytest.mark.parametrize("role", ROLES)
def test_the_role_is_tried_alone_and_on_a_host(role: str) -> None:
    places = (ANSIBLE / "roles" / role / "molecule", HOST_TESTS / f"test_{role}.py")
    assert [path for path in places if not path.exists()] == []
