"""`python -m bench.reading`: what the pipeline promises, measured; a table and JSON."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench import extraction, memory
from bench.results import Figure, table, write_json

PARTS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "extraction": extraction.measure,
    "memory": memory.measure,
}


async def _measure(names: list[str]) -> list[Figure]:
    return [figure for name in names for figure in await PARTS[name]()]


def main() -> int:
    """Measure; 1 when a bound is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all when not given")
    parser.add_argument("--json", type=Path, help="where to write the figures to")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    figures = asyncio.run(_measure(arguments.parts or list(PARTS)))
    print(table(figures))  # noqa: T201
    if arguments.json:
        write_json(figures, arguments.json)
    return int(any(figure.kept is False for figure in figures))


if __name__ == "__main__":
    sys.exit(main())
