"""Languages, styles and other additions are complete in every place listed in CONTRIBUTING.md."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import app
from app.articles.reasons import Reason
from app.telegram.handle.commands import COMMANDS, OPERATOR_COMMANDS
from app.telegram.handle.commands.choices import CHOICES, STYLES
from app.wording import catalogue

ENGLISH = frozenset(catalogue("en"))
SECTIONS = {key.partition(".")[0] for key in ENGLISH}
KEY = re.compile(rf"(?:{'|'.join(sorted(SECTIONS))})\.[a-z][a-z0-9_]*")
# What the code says where only a part of the key is known, such as f"settings.ask_{name}".
PREFIX = re.compile(rf"((?:{'|'.join(sorted(SECTIONS))})\.[a-z0-9_]*)$")


def nodes() -> Iterator[ast.AST]:
    for source in sorted(Path(app.__file__).parent.rglob("*.py")):
        yield from ast.walk(ast.parse(source.read_text("utf-8")))


def named() -> set[str]:
    """The keys that the code names in full."""
    found = (node.value for node in nodes() if isinstance(node, ast.Constant))
    return {
        value for value in found if isinstance(value, str) and KEY.fullmatch(value)
    } - prefixes()


def prefixes() -> set[str]:
    """The beginnings of the keys of which the code puts the rest in."""
    found = set()
    for node in nodes():
        if isinstance(node, ast.JoinedStr):
            for part in node.values[:-1]:
                if isinstance(part, ast.Constant) and (match := PREFIX.search(str(part.value))):
                    found.add(match[1])
    return found


def test_every_text_that_the_code_names_is_there() -> None:
    assert named() - ENGLISH == NO_TEXTS


# What looks like a key and is none.
NO_TEXTS = {"style.css", "search.html", "search.js"}


def test_every_text_is_used() -> None:
    beginnings = (*prefixes(), "usage.", "operator_usage.")
    assert {key for key in ENGLISH - named() if not key.startswith(beginnings)} == set()


def test_a_command_has_its_texts() -> None:
    assert in_section("usage") == set(COMMANDS)
    assert in_section("operator_usage") == set(OPERATOR_COMMANDS)
    in_menu = {name for name, command in COMMANDS.items() if command.in_menu}
    assert in_menu <= in_section("command")


def in_section(section: str) -> set[str]:
    return {key.partition(".")[2] for key in ENGLISH if key.startswith(f"{section}.")}


def test_a_style_has_its_texts() -> None:
    assert in_section("style") == in_section("style_means") == set(STYLES)


def test_a_reason_that_a_page_was_not_read_has_its_text() -> None:
    told_as_other = {Reason.EXTRACTION_FAILED, Reason.EXTRACTION_TIMEOUT}
    assert set(Reason) - told_as_other <= in_section("reason")


def test_a_setting_of_readers_has_its_texts() -> None:
    for name in CHOICES:
        assert {f"wrong_{name}", f"done_{name}"} <= in_section("settings")
