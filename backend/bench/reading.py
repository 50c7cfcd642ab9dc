"""`python -m bench.reading`: what the pipeline promises, measured; a table and JSON."""

from __future__ import annotations

import sys

from bench import cost, extraction, memory, pipeline, summaries
from bench.command import run

if __name__ == "__main__":
    parts = {
        "extraction": extraction.measure,
        "pipeline": pipeline.measure,
        "memory": memory.measure,
        "summaries": summaries.measure,
        "cost": cost.measure,
    }
    sys.exit(run("bench.reading", __doc__, parts))
