"""The command line of the benchmarks: the parts to measure, and the output."""

from __future__ import annotations

import argparse
import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from simulators.figures import Figure, table, write_json

Parts = Mapping[str, Callable[[], Awaitable[list[Figure]]]]


def run(name: str, description: str | None, parts: Parts) -> int:
    """Measure the requested parts. Returns 1 if a bound is missed or a part fails."""
    parser = argparse.ArgumentParser(prog=f"python -m {name}", description=description)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(parts)}; all when not given")
    parser.add_argument("--json", type=Path, help="where to write the figures to")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - parts.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    failed: list[str] = []
    for part in arguments.parts or parts:
        began = time.monotonic()
        _say(f"\n{part} ...")
        try:
            measured = asyncio.run(parts[part]())
        except Exception:
            traceback.print_exc()
            failed.append(part)
        else:
            _say(f"{table(measured)}\n({part}: {time.monotonic() - began:.0f} s)")
            figures += measured
    if arguments.json:
        write_json(figures, arguments.json)
    missed = [figure.name for figure in figures if figure.kept is False]
    for trouble, names in ("Failed", failed), ("Missed", missed):
        if names:
            _say(f"\n{trouble}: {'; '.join(names)}")
    return int(bool(failed or missed))


def _say(words: str) -> None:
    print(words, flush=True)
