"""`python -m bench.faults`: the effects of faults and hostile input, as a table and JSON."""

from __future__ import annotations

import sys

from bench import faults_delivery, faults_fetching, faults_strangers
from bench.command import run

if __name__ == "__main__":
    sys.exit(
        run(
            "bench.faults",
            __doc__,
            {
                "hostile": faults_strangers.measure_hostile,
                "export": faults_strangers.measure_export,
                "export-cgroup": faults_strangers.measure_export_in_cgroup,
                "floods": faults_strangers.measure_floods,
                "fetching": faults_fetching.measure,
                **faults_delivery.PARTS,
            },
        )
    )
