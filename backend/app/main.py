"""`python -m app.main`: the bot, the collector and the schedule in one process.

`python -m app.main --standby` only answers, and polls and sends while no other instance does: for
the moments in which one container takes another's place.

The order of the lines is the point: the first poll is under way before the imports that take most
of a second begin.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from typing import NoReturn

from app.telegram.first_poll import start_first_poll


def main() -> int:
    # Until the event loop handles it, being told to stop needs nothing but to stop: nothing is
    # claimed, nothing confirmed. Without a handler PID 1 of a container would not even hear it. Not
    # by an exception, which whatever is being imported might catch.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    standby = sys.argv[1:] == ["--standby"]
    # Of two polls Telegram ends the older, which is the leader's while this one stands by.
    first_poll = None if standby else start_first_poll()
    from app.application import run  # noqa: PLC0415 - imported behind the poll

    return run(first_poll, standby=standby)


def end(code: int) -> NoReturn:
    """End the process at once.

    What matters is committed and closed by now. To take every imported module apart first would
    keep the next release, and with it the readers, waiting for up to half a second.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    end(main())
