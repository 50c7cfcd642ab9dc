"""A package imports only packages that precede it in the data flow, and no private names."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).resolve().parents[1] / "app"
ORDER = (
    *("text", "database", "llm", "wording", "hackernews", "articles", "summaries", "readers"),
    *("digests", "website", "conversations", "telegram"),
)

# Words for a bound that are not the usual ones.
OTHER_PREFIX = re.compile(
    r"(MOST|LEAST|LONGEST|SHORTEST|LARGEST|SMALLEST|HIGHEST|LOWEST|FEW|FEWEST|ENOUGH|MAXIMUM|MINIMUM)"
    r"(_|$)"
)

TELEGRAM_ORDER = ("api", "receive", "send", "exports", "operator", "handle")


def imports() -> Iterator[tuple[Path, str, str]]:
    """Every file of a package, with each module of the app and the name it takes from there."""
    for package in ORDER:
        for path in (APP / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
                    yield from ((path, node.module or "", alias.name) for alias in node.names)


def test_packages_import_only_lower_packages() -> None:
    known = [
        (path, module, ORDER.index(path.relative_to(APP).parts[0]), ORDER.index(other))
        for path, module, _ in imports()
        if (other := module.split(".")[1]) in ORDER
    ]
    assert len(known) > len(ORDER)
    assert [(path, module) for path, module, own, other in known if other > own] == []


def test_the_packages_of_telegram_have_an_order_too() -> None:
    known = [
        (path, module, TELEGRAM_ORDER.index(own), TELEGRAM_ORDER.index(other))
        for path, module, _ in imports()
        if module.startswith("app.telegram.")
        and (own := path.relative_to(APP).parts[1]) in TELEGRAM_ORDER
        and (other := module.split(".")[2]) in TELEGRAM_ORDER
    ]
    assert len(known) > len(TELEGRAM_ORDER)
    assert [(path, module) for path, module, own, other in known if other > own] == []


def test_packages_do_not_import_the_application() -> None:
    above = {path.stem for path in APP.glob("*.py") if "from app.telegram" in path.read_text()}
    assert {"application", "pipeline", "retention"} <= above
    assert [(path, module) for path, module, _ in imports() if module.split(".")[1] in above] == []


def test_private_names_are_not_imported_from_other_packages() -> None:
    assert [(path, name) for path, _, name in imports() if name.startswith("_")] == []


def test_every_package_has_its_place() -> None:
    assert {path.parent.name for path in APP.glob("*/__init__.py")} == set(ORDER)


def definitions() -> Iterator[tuple[Path, ast.stmt]]:
    """Every statement at the top of a module of the app."""
    for path in APP.rglob("*.py"):
        yield from ((path, node) for node in ast.parse(path.read_text()).body)


def test_the_name_of_a_type_stands_for_one_thing() -> None:
    """The name of a class or of an alias."""
    names = Counter(
        name
        for _, node in definitions()
        for name in ([node.name] if isinstance(node, ast.ClassDef) else assigned(node))
        if re.fullmatch(r"([A-Z][a-z0-9]+)+", name)
    )
    assert len(names) > 300
    assert [name for name, times in names.items() if times > 1] == []


def assigned(node: ast.stmt) -> list[str]:
    """The names that a statement assigns to."""
    if not isinstance(node, ast.Assign | ast.AnnAssign):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def test_bounds_begin_with_max_and_min() -> None:
    names = [name.lstrip("_") for _, node in definitions() for name in assigned(node)]
    assert sum(name.startswith(("MAX_", "MIN_")) for name in names) > 50
    assert [name for name in names if OTHER_PREFIX.match(name)] == []


def test_nothing_is_awaited_or_raised_in_an_except_star_block() -> None:
    """Python 3.11.2 wraps a cancellation that comes out of such a block in a group."""
    handlers = [
        (path, handler)
        for path in APP.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.TryStar)
        for handler in node.handlers
    ]
    assert handlers
    assert [
        (path, node.lineno)
        for path, handler in handlers
        for node in ast.walk(handler)
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Raise)
    ] == []


def test_a_suppressed_warning_says_why() -> None:
    """A reason that holds for a whole file stands in `ruff.toml`."""
    repository = APP.parents[1]
    folders = ("backend", "simulators", "demo", "rehearsal", "scripts", "ansible", "terraform")
    marked = [
        (path, re.fullmatch(r"noqa: [A-Z0-9, ]+ - .+", reason) is not None)
        for folder in folders
        for path in (repository / folder).rglob("*.py")
        if not any(part.startswith(".") for part in path.relative_to(repository).parts)
        for reason in re.findall(r"^.*  # (noqa.*)$", path.read_text(), re.MULTILINE)
    ]
    assert len(marked) > 20
    assert [path for path, explained in marked if not explained] == []
