"""`make bench-host`: what is promised of the host, measured by the rehearsal's first steps.

It takes the steps `deploy` and `update` of the rehearsal on a fresh host, and prints their figures
beside their bounds. Everything else that those steps promise has to be kept as well.
"""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from bench.results import table, write_json

from rehearsal.lab.programs import ProgramFailedError
from rehearsal.lab.workspace import LabError, Workspace
from rehearsal.report.figures import figures
from rehearsal.run import Wishes, rehearse

STEPS = ("deploy", "update")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-host", description=__doc__)
    parser.add_argument("--json", type=Path, help="where to write the figures to")
    parser.add_argument("--keep", action="store_true", help="leave the host up at the end")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        rehearsal = rehearse(Workspace(), Wishes(STEPS, keep=arguments.keep))
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return 130
    except (LabError, ProgramFailedError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    measured = figures(rehearsal.records)
    if measured:
        print(f"\n{table(measured)}", flush=True)
    if arguments.json:
        write_json(measured, arguments.json)
    return 0 if rehearsal.kept else 1


if __name__ == "__main__":
    sys.exit(main())
