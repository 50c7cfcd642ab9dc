"""Filters for the app's settings."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Any

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# The values that Compose and the shell both read literally between single quotes.
VALUE = re.compile(r"([^'\x00-\x1f\x7f\x85\u2028\u2029]*[^'\\\x00-\x1f\x7f\x85\u2028\u2029])?")


def misfits(settings: dict[str, Any]) -> list[str]:
    """The names of settings that cannot be written to an .env file; never a value."""
    return [
        repr(name)
        for name, value in settings.items()
        if not NAME.fullmatch(str(name)) or not VALUE.fullmatch(str(value))
    ]


def derived_passwords(password: str, names: list[str]) -> dict[str, str]:
    """A password for each name, made from one password and always the same.

    They do not reveal the password or each other: each guess costs one run of scrypt (RFC 7914).
    """
    return {name: _derived(str(password), name) for name in names}


@lru_cache(maxsize=64)
def _derived(password: str, name: str) -> str:
    salt = f"hnpal {name}".encode()
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1, dklen=24).hex()


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"derived_passwords": derived_passwords, "misfits": misfits}
