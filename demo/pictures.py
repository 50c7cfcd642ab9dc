"""`make pictures`: renders the sample day's digest for the README, in light and dark colours.

It starts a demo, answers the questions of /start as a reader, and opens the chat page in a browser.
The README's pictures were made with Debian's chromium, fonts-roboto and fonts-noto-color-emoji.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from demo.browser import Screen, Tab, browser_tab
from simulators.control import TelegramControl, wait_until
from simulators.failure import ServerFailedError
from simulators.processes import ROOT, python

FOLDER = ROOT / "docs" / "pictures"
READER = 1001  # the user id of the chat page
ANSWERS = ("Open source", "Science", "Done", "Yes", "8:00")
SCREENS = {
    f"digest-{'dark' if dark else 'light'}.png": Screen(620, 1000, dark) for dark in (False, True)
}
PATIENCE_SECONDS = 300.0
_ADDRESS = re.compile(rb"Open (http://\S+) ")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.pictures", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="output folder (docs/pictures)")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    try:
        with _demo() as address:
            print("Waiting for the digest ...")
            _get_a_digest(TelegramControl(address))
            asyncio.run(_take(address, arguments.folder))
    except (ServerFailedError, AssertionError) as error:
        print(f"No pictures: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def _demo() -> Iterator[str]:
    """Run a separate demo; yields the address of its chat page."""
    with tempfile.TemporaryDirectory() as state:
        options = ("--offline", "--state", state, "--port", "0")
        with python("-m", "demo", *options, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for line in process.stdout:
                if found := _ADDRESS.search(line):
                    yield found[1].decode()
                    return
    raise ServerFailedError("the demo does not start, see above")


def _get_a_digest(telegram: TelegramControl) -> None:
    telegram.say(READER, "/start")
    for label in ANSWERS:
        message = _wait_for_button(telegram, label)
        telegram.press(READER, message["message_id"], _buttons(message)[label])
    _wait_for_button(telegram, "1")


def _wait_for_button(telegram: TelegramControl, label: str) -> dict[str, Any]:
    return wait_until(
        lambda: next((one for one in telegram.messages(READER) if label in _buttons(one)), None),
        f"button {label!r}",
        PATIENCE_SECONDS,
    )


def _buttons(message: dict[str, Any]) -> dict[str, str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {key["text"]: key["callback_data"] for row in rows for key in row}


async def _take(address: str, folder: Path) -> None:
    async with browser_tab() as tab:
        for name, screen in SCREENS.items():
            await _show(tab, address, screen)
            (folder / name).write_bytes(await tab.picture())
            print(f"{(folder / name).relative_to(ROOT)}")


async def _show(tab: Tab, address: str, screen: Screen) -> None:
    await tab.show(address, screen)
    await tab.wait_for("document.querySelectorAll('.message').length > 5")
    await tab.evaluate("document.fonts.ready.then(() => true)")


if __name__ == "__main__":
    sys.exit(main())
