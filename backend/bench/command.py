"""The command line of a benchmark: which parts to measure, and where the figures go."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from bench.results import Figure, table, write_json

Parts = Mapping[str, Callable[[], Awaitable[list[Figure]]]]


def run(name: str, description: str | None, parts: Parts) -> int:
    """Measure what the command line asks for; 1 when a bound is missed."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}; all when not given")
    parser.add_argument("--json", type=Path, help="where to write the figures to")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - parts.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    for part in arguments.parts or parts:
        measured = asyncio.run(parts[part]())
        print(table(measured), flush=True)  # noqa: T201
        figures += measured
    if arguments.json:
        write_json(figures, arguments.json)
    return int(any(figure.kept is False for figure in figures))
