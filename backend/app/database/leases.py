"""Leases: the time until which a claimed row belongs to a process, stored in the row."""

from __future__ import annotations


def is_free(column: str = "claimed_until") -> str:
    """An SQL condition that is true for a row that is not claimed.

    All leases are much shorter than an hour. A lease that ends later was set by a clock that ran
    ahead, and counts as over.
    """
    return f"({column} IS NULL OR {column} NOT BETWEEN now() AND now() + interval '1 hour')"
