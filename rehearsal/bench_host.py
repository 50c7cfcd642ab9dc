"""`make bench-host`: benchmarks of the host, measured by the rehearsal's first steps.

It runs the steps `deploy` and `update` of the rehearsal on a fresh host, and prints their figures
beside their bounds. All other promises of those steps must be kept too.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rehearsal.lab.workspace import Workspace
from rehearsal.run import RunOptions, exit_code, rehearse
from simulators.figures import table, write_json

STEPS = ("deploy", "update")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-host", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--keep", action="store_true", help="keep the host at the end")
    arguments = parser.parse_args()
    return exit_code(lambda: _measure(keep=arguments.keep, json=arguments.json))


def _measure(*, keep: bool, json: Path | None) -> int:
    rehearsal = rehearse(Workspace(), RunOptions(STEPS, keep=keep))
    measured = [figure for record in rehearsal.records for figure in record.figures]
    if measured:
        print(f"\n{table(measured)}", flush=True)
    if json:
        write_json(measured, json)
    return 0 if rehearsal.kept else 1


if __name__ == "__main__":
    sys.exit(main())
