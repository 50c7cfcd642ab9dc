"""Begins, ends and shows maintenance, for `make maintenance` on a host.

python -m app.set_maintenance on [--for 2h] [--by you@laptop]
python -m app.set_maintenance off
python -m app.set_maintenance show
"""

from __future__ import annotations

import argparse
import asyncio
import sys

from app.database.connection import OUTAGES, Pool, open_pool
from app.settings import SettingsError, load_dsn
from app.telegram.receive import inbox, maintenance

MAX_BY = 100


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m app.set_maintenance",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=["on", "off", "show"])
    parser.add_argument("--for", dest="length", default="", help="2h, 90m, 1d; without: until off")
    parser.add_argument("--by", default="the host", help="shown in /status")
    arguments = parser.parse_args()
    try:
        print(asyncio.run(_run(arguments)))
    except SettingsError as error:
        parser.error(str(error))
    except ValueError:
        parser.error(f"{arguments.length!r} is no length of up to 30 days, such as 2h, 90m or 1d")
    except OUTAGES as error:
        print(f"PostgreSQL does not answer: {error}", file=sys.stderr)
        return 1
    return 0


async def _run(arguments: argparse.Namespace) -> str:
    length = maintenance.parse_length(arguments.length)
    pool = await open_pool(load_dsn())
    try:
        if arguments.action == "on":
            async with pool.acquire() as connection:
                await maintenance.begin(connection, arguments.by[:MAX_BY], length)
        elif arguments.action == "off":
            async with pool.acquire() as connection:
                await maintenance.end(connection)
        return await _describe(pool)
    finally:
        pool.terminate()


async def _describe(pool: Pool) -> str:
    async with pool.acquire() as connection:
        state = await maintenance.load(connection)
        waiting = (await inbox.depth(connection)).pending
    if state is None or not state.is_on:
        return f"Maintenance is off; {waiting} updates wait to be handled"
    end = f"until {state.until:%Y-%m-%d %H:%M UTC}" if state.until else "until it is ended"
    since = f"{state.since:%Y-%m-%d %H:%M UTC}"
    return (
        f"Maintenance has been on since {since}, {end}, by {state.set_by}; {waiting} updates wait"
    )


if __name__ == "__main__":
    sys.exit(main())
