from __future__ import annotations


class BackupError(Exception):
    """A backup, drill or restore did not succeed; the message is for the operator."""
