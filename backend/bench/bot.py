"""`python -m bench.bot`: benchmarks of the bot, as a table and JSON."""

from __future__ import annotations

import sys

from bench import bot_calls, bot_fanout, bot_idle, bot_kills, bot_start, bot_takeover, bot_updates
from bench.command import run

if __name__ == "__main__":
    sys.exit(
        run(
            "bench.bot",
            __doc__,
            {
                "start": bot_start.measure,
                "idle": bot_idle.measure,
                "calls": bot_calls.measure,
                "updates": bot_updates.measure,
                "fanout-unlimited": bot_fanout.measure_unlimited,
                "takeover": bot_takeover.measure,
                "kills": bot_kills.measure,
                "fanout": bot_fanout.measure_limited,
            },
        )
    )
