"""`python -m bench.reading`: benchmarks of the pipeline, as a table and JSON."""

from __future__ import annotations

import sys

from bench import claims, cost, extraction, interests, memory, pipeline, summaries, walls
from bench.command import run

if __name__ == "__main__":
    parts = {
        "extraction": extraction.measure,
        "pipeline": pipeline.measure,
        "memory": memory.measure,
        "walls": walls.measure,
        "interests": interests.measure,
        "summaries": summaries.measure,
        "claims": claims.measure,
        "cost": cost.measure,
    }
    sys.exit(run("bench.reading", __doc__, parts))
