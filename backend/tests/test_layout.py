"""The layout follows the data's way: a package knows those before it, and no private names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app"
ORDER = (
    *("database", "llm", "wording", "hackernews", "articles", "summaries", "readers", "digests"),
    *("conversations", "telegram"),
)


def imports() -> Iterator[tuple[Path, str, str]]:
    """Every file of a package, with each module of the app and the name it takes from there."""
    for package in ORDER:
        for path in (APP / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
                    yield from ((path, node.module or "", alias.name) for alias in node.names)


def test_a_package_knows_only_those_before_it() -> None:
    known = [
        (path, module, ORDER.index(path.relative_to(APP).parts[0]), ORDER.index(other))
        for path, module, _ in imports()
        if (other := module.split(".")[1]) in ORDER
    ]
    assert len(known) > len(ORDER)
    assert [(path, module) for path, module, own, other in known if other > own] == []


def test_a_package_does_not_know_what_puts_it_together() -> None:
    above = {path.stem for path in APP.glob("*.py") if "from app.telegram" in path.read_text()}
    assert {"application", "pipeline", "retention"} <= above
    assert [(path, module) for path, module, _ in imports() if module.split(".")[1] in above] == []


def test_nobody_takes_anothers_private_names() -> None:
    assert [(path, name) for path, _, name in imports() if name.startswith("_")] == []


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in APP.glob("*/__init__.py")} == set(ORDER)
