"""`python -m app.main`: the bot, the collector and the schedule in one process.

The order of the lines is the point: the first poll is under way before the imports that take most
of a second begin.
"""

from __future__ import annotations

import sys

from app.telegram.first_poll import start_first_poll


def main() -> int:
    first_poll = start_first_poll()
    from app.application import run  # noqa: PLC0415 - imported behind the poll

    return run(first_poll)


if __name__ == "__main__":
    sys.exit(main())
