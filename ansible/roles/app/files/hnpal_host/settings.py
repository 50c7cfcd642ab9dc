"""The .env file with the app's settings and secrets: parsed strictly, never quoted in messages."""

from __future__ import annotations

import re
from pathlib import Path

import hnpal_files
from hnpal_host.failure import HostError

# The role's format, which Compose and the shell parse alike: with a backslash before the closing
# quote, Compose would continue on the next line.
LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(?:'([^']*(?<!\\))'|([^'\"\\\s#$]*))")
MIN_SECRET_CHARACTERS = 6


def read(path: Path) -> dict[str, str]:
    """The settings by name.

    Raises:
        HostError: a line cannot be parsed; the message has its number, never its text.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise HostError(f"{path} cannot be read ({reason}); site.yml writes it anew") from None
    settings = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        found = LINE.fullmatch(line)
        if found is None:
            raise HostError(f"{path}, line {number} cannot be read; site.yml writes the file anew")
        settings[found[1]] = found[2] if found[2] is not None else found[3]
    return settings


def copy(source: Path, target: Path) -> None:
    """Copy valid settings durably, readable for root only."""
    read(source)
    hnpal_files.write(target, source.read_text(encoding="utf-8"), mode=0o600)


def without_secrets(text: str, settings: dict[str, str]) -> str:
    """Another program's text with the settings' values removed."""
    values = {value for value in settings.values() if len(value) >= MIN_SECRET_CHARACTERS}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "[…]")
    return text
