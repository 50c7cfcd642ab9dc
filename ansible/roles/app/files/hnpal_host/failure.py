from __future__ import annotations


class HostError(Exception):
    """An operation failed; the message is for the operator and contains no secret."""
