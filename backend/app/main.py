"""`python -m app.main`: the bot, the collector and the scheduler in one process.

`python -m app.main --standby` handles updates, but polls and sends only while no other instance
does: it bridges the replacement of one container by another.

The order of the statements matters: the first poll is sent before the imports that take most of a
second.
"""

from __future__ import annotations

import gc
import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import NoReturn

from app.telegram.receive.first_poll import start_first_poll

# After so many new objects Python looks for garbage in cycles, which rows and messages seldom form.
# After its own 700, looking takes a twentieth of the time of a round of digests.
NEW_OBJECTS = 10_000


def main() -> int:
    # Until the event loop handles signals, the process can simply exit: nothing has been claimed or
    # confirmed. PID 1 of a container ignores SIGTERM without a handler. The handler does not raise,
    # because a module that is being imported might catch the exception.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    standby = sys.argv[1:] == ["--standby"]
    # When two polls overlap, Telegram ends the older one, which would be the leader's.
    first_poll = None if standby else start_first_poll()
    run = _import_application()  # takes time, which the first poll does not wait for
    return run(first_poll, standby=standby)


def _import_application() -> Callable[..., int]:
    """Import the app without collecting garbage: nearly all objects of modules stay, and looking
    through them takes a tenth of the time. Frozen, they are left out of later collections, too.
    """
    gc.disable()
    from app.application import run

    gc.freeze()
    gc.set_threshold(NEW_OBJECTS)
    gc.enable()
    return run


def exit_process(code: int) -> NoReturn:
    """End the process at once.

    Everything important is committed and closed. An orderly shutdown of the interpreter would delay
    the next release by up to half a second.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    exit_process(main())
