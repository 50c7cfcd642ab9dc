"""Every dependency has its reason in docs/decisions.md, and every reason has its dependency."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = (ROOT / "docs" / "decisions.md").read_text().partition("\n## Dependencies\n")[2]
NAME = re.compile(r"[\w.-]+")


def chosen(project: str) -> set[str]:
    content = tomllib.loads((ROOT / project / "pyproject.toml").read_text())
    groups = content.get("dependency-groups", {}).values()
    wanted = [*content["project"]["dependencies"], *(one for group in groups for one in group)]
    return {found[0] for one in wanted if (found := NAME.match(one))}


def explained(first: str, after: str) -> set[str]:
    """The names in the tables from one text to another."""
    tables = DECISIONS.partition(first)[2].partition(after)[0]
    rows = re.findall(r"^\| ([\w., -]+?) \|", tables, re.MULTILINE)
    return {name for row in rows for name in row.split(", ")} - {"package"}


@pytest.mark.parametrize(
    ("project", "first", "after"),
    [
        ("backend", "Of the app (", "Of the control node ("),
        ("ansible", "Of the control node (", "Of the rehearsal ("),
        ("rehearsal", "Of the rehearsal (", "Linters of the infrastructure ("),
        ("scripts/linters", "Linters of the infrastructure (", "## Queues tried"),
    ],
)
def test_each_has_its_reason(project: str, first: str, after: str) -> None:
    assert explained(first, after) == chosen(project)
