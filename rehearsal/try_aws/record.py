"""The record of a run, as a page for the repository without secrets, addresses or accounts."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

# Addresses, account numbers, and names of buckets and resources, which contain such numbers.
PRIVATE = (
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "ADDRESS"),
    (re.compile(r"\b\d{12}\b"), "ACCOUNT"),
    (re.compile(r"\b(i|vol|vpc|subnet|sg|eipalloc|igw|rtb)-[0-9a-f]{8,17}\b"), r"\1-…"),
    (re.compile(r"\b(hnpal[a-z0-9-]*?)-?\d{20,}"), r"\1-…"),
    (re.compile(r"/(?:home|root|work|Users)/\S*"), "PATH"),
)
MAX_WHY = 300


class LeakError(Exception):
    """The report would contain a secret; it was not written."""


@dataclass(slots=True)
class Record:
    """The steps of a run, in order."""

    facts: dict[str, str] = field(default_factory=dict)
    steps: list[tuple[str, bool, float, str]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return bool(self.steps) and all(passed for _, passed, _, _ in self.steps)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """Time a step; texts appended to the list are its observations. An error ends the run."""
        print(f"\n{name} ...", flush=True)
        began, said = time.monotonic(), list[str]()
        try:
            yield said
        except BaseException as error:
            self._add(name, passed=False, began=began, said=f"{type(error).__name__}: {error}")
            raise
        self._add(name, passed=True, began=began, said="; ".join(said))

    def _add(self, name: str, *, passed: bool, began: float, said: str) -> None:
        seconds = time.monotonic() - began
        self.steps.append((name, passed, seconds, said))
        print(f"  {'✓' if passed else '✗ FAILED'} {seconds:.0f} s {public(said)}", flush=True)

    def page(self, secrets: Mapping[str, str]) -> str:
        """The report in Markdown.

        Raises:
            LeakError: it would contain one of `secrets`.
        """
        lines = [
            f"# {'A run' if self.passed else 'A failed run'} of `make try-aws`",
            "",
            *(f"- {name}: {value}" for name, value in self.facts.items()),
            "",
            "| step | result | seconds | seen |",
            "|---|---|---|---|",
            *(
                f"| {name} | {'ok' if passed else 'FAILED'} | {seconds:.0f} | {_cell(said)} |"
                for name, passed, seconds, said in self.steps
            ),
        ]
        text = public("\n".join(lines)) + "\n"
        leaked = [name for name, value in secrets.items() if len(value) > 3 and value in text]
        if leaked:
            raise LeakError(f"The report would contain {', '.join(leaked)}; it was not written.")
        return text

    def write(self, folder: Path, secrets: Mapping[str, str]) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{time.strftime('%Y-%m-%dT%H-%MZ', time.gmtime())}.md"
        path.write_text(self.page(secrets))
        return path


def public(text: str) -> str:
    """The text without anything that identifies the account."""
    for private, shown in PRIVATE:
        text = private.sub(shown, text)
    return text


def _cell(text: str) -> str:
    one_line = " ".join(text.split()).replace("|", "/")
    return one_line if len(one_line) <= MAX_WHY else f"{one_line[:MAX_WHY]} …"
