"""Judges a page with axe in a browser: https://github.com/dequelabs/axe-core."""

from __future__ import annotations

import shutil
from pathlib import Path

import axe_core_python
import pytest

from demo.browser import NAMES, Screen, Tab

PHONE, DESKTOP = 390, 1280
# A phone in the light and in the dark, and a desktop.
SCREENS = tuple(
    Screen(width, 900, dark, 1.0)
    for width, dark in ((PHONE, False), (PHONE, True), (DESKTOP, False))
)
needs_chromium = pytest.mark.skipif(
    not any(map(shutil.which, NAMES)), reason="Chromium is not installed"
)
_AXE = Path(axe_core_python.__file__).with_name("axe.min.js")
_RUN = "axe.run().then(found => found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"
# The pixels by which the page is wider than the screen, so that it scrolls sideways.
_OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


async def show(tab: Tab, page: str, screen: Screen) -> None:
    """Load a page, and wait until it is complete."""
    await tab.call("Page.setBypassCSP", enabled=True)
    await tab.show(page, screen)
    await tab.wait_for(f"document.readyState === 'complete' && location.href === '{page}'")


async def findings(tab: Tab) -> list[str]:
    """The findings of axe on the shown page, and whether it is wider than the screen."""
    await tab.evaluate(f"{_AXE.read_text('utf-8')}; 0")
    found: list[str] = await tab.evaluate(_RUN)
    too_wide = await tab.evaluate(_OVERFLOW)
    return found + ([f"{too_wide} pixels too wide"] if too_wide > 0 else [])
