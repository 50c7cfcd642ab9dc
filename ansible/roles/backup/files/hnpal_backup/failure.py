from __future__ import annotations

import sys


class BackupError(Exception):
    """A backup, drill or restore failed; the message is for the operator."""


def warn(message: str) -> None:
    """Print a warning that does not stop the command."""
    print(f"WARNING: {message}", file=sys.stderr)
