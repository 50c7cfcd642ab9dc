"""Builds the website: `python -m app.website EXPORTS FOLDER --address https://news.example.com/`."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from app.website.build import ForeignFolderError, NoStoriesError, build
from app.website.days import read_days
from app.website.place import Place

# EX_TEMPFAIL of sysexits.h; the role website (ansible/) knows it.
NOTHING_YET = 75


def main() -> int:
    """Returns 0 on success, 1 if the website could not be built, 2 for invalid arguments, and 75 if
    no day has been exported yet.
    """
    parser = argparse.ArgumentParser(prog="python -m app.website", description=__doc__)
    parser.add_argument("exports", type=Path, help="the folder with the exported days, <day>.json")
    parser.add_argument("folder", type=Path, help="the output folder, used for nothing else")
    parser.add_argument("--address", required=True, help="the website's public address")
    parser.add_argument("--title", help="the website's title")
    parser.add_argument("--notice", default="", help="a line on every page and in the feeds")
    arguments = parser.parse_args()
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    try:
        address = arguments.address.rstrip("/") + "/"
        title = {"title": arguments.title} if arguments.title else {}
        place = Place(address, notice=arguments.notice, **title)
    except ValueError as error:
        parser.error(f"--address: {error}")
    try:
        built = build(place, read_days(arguments.exports), arguments.folder)
    except (NoStoriesError, ForeignFolderError, OSError, ValueError) as error:
        print(f"No website was made: {error}", file=sys.stderr)
        return NOTHING_YET if isinstance(error, NoStoriesError) else 1
    print(f"{built.files} files, {built.written} written, {built.removed} removed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
