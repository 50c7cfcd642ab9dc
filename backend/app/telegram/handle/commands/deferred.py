"""Imports the modules of this package when they are first needed, or all of them in advance.

The first answer after a start needs one of them, and would wait for all the others, with the
digests, summaries and statistics that they show.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from importlib import import_module
from pkgutil import iter_modules
from typing import Any


def deferred(name: str) -> Callable[..., Awaitable[None]]:
    """A function of this package, named `module:function`; the first call imports the module."""
    module, _, function = name.partition(":")

    async def run(*arguments: Any) -> None:
        await getattr(import_module(f"{__package__}.{module}"), function)(*arguments)

    return run


def import_all() -> None:
    for module in iter_modules(import_module(__package__).__path__):
        import_module(f"{__package__}.{module.name}")
