"""Controls a headless Chromium over its DevTools protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import asyncio
import base64
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import aiohttp

from simulators.failure import ServerFailedError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_SECONDS = 60.0
_ADDRESS = re.compile(rb"DevTools listening on (ws://\S+)")


@dataclass(frozen=True, slots=True)
class Screen:
    """The size and colours of the screen that displays a page."""

    width: int
    height: int
    dark: bool
    pixels: float = 1.5  # device pixels per CSS pixel


class Tab:
    """One page of the browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, session: str) -> None:
        self._socket = socket
        self._session = session
        self._numbers = count(1)

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol on this page."""
        return await _call(self._socket, next(self._numbers), method, self._session, parameters)

    async def show(self, address: str, screen: Screen) -> None:
        """Load a page, displayed on a screen."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if screen.dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=screen.width,
            height=screen.height,
            deviceScaleFactor=screen.pixels,
            mobile=screen.width < 600,
        )
        await self.call("Page.navigate", url=address)

    async def evaluate(self, script: str) -> Any:
        """The value of an expression; a promise is awaited."""
        answer = await self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        return answer["result"].get("value")

    async def wait_for(self, script: str, seconds: float = 60.0) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(seconds):
            while not await self.evaluate(script):
                await asyncio.sleep(0.1)

    async def picture(self) -> bytes:
        """A screenshot, as PNG."""
        answer = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])


@asynccontextmanager
async def browser_tab() -> AsyncIterator[Tab]:
    """Start the browser with one page; it ends with the block.

    Raises:
        ServerFailedError: Chromium is not installed or does not start.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise ServerFailedError("Chromium is not installed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *(program, "--headless=new", "--remote-debugging-port=0", "--hide-scrollbars"),
            *(f"--user-data-dir={profile}", "--no-first-run", "--disable-gpu", "--lang=en"),
            # Chromium's sandbox does not work as root; only the project's own pages are loaded.
            *(("--no-sandbox",) if os.geteuid() == 0 else ()),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            address = await _address_of(process)
            async with (
                aiohttp.ClientSession() as client,
                client.ws_connect(address, max_msg_size=0) as socket,
            ):
                made = await _call(socket, 1, "Target.createTarget", None, {"url": "about:blank"})
                attach = {"targetId": made["targetId"], "flatten": True}
                session = await _call(socket, 2, "Target.attachToTarget", None, attach)
                yield Tab(socket, session["sessionId"])
        finally:
            process.terminate()
            await process.wait()


async def _address_of(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    async with asyncio.timeout(START_SECONDS):
        while line := await process.stderr.readline():
            said += line
            if found := _ADDRESS.search(line):
                return found[1].decode()
    raise ServerFailedError(f"Chromium does not start:\n{said.decode(errors='replace')[-1000:]}")


async def _call(
    socket: aiohttp.ClientWebSocketResponse,
    number: int,
    method: str,
    session: str | None,
    parameters: dict[str, Any],
) -> dict[str, Any]:
    asked: dict[str, Any] = {"id": number, "method": method, "params": parameters}
    if session is not None:
        asked["sessionId"] = session
    await socket.send_json(asked)
    while True:  # skip events
        answer = await socket.receive_json()
        if answer.get("id") == number and answer.get("sessionId") == session:
            break
    if "error" in answer:
        raise ServerFailedError(f"{method}: {answer['error']['message']}")
    result: dict[str, Any] = answer["result"]
    return result
