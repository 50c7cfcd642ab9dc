"""The error for a server that does not start."""

from __future__ import annotations


class ServerFailedError(Exception):
    """A server did not start; the message contains the end of its log."""
