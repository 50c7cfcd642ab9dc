"""The final table for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rehearsal.promises import StepRecord

PROMISE_WIDTH = 62
SEEN_WIDTH = 56


def table(records: Sequence[StepRecord]) -> str:
    """Promises and observations, step by step."""
    lines = [f"{'':2}{'Promised':{PROMISE_WIDTH}}  Seen"]
    for record in records:
        lines += ["", f"{record.title} ({record.name}, {record.seconds:.0f} s)"]
        for promise in record.promises:
            lines += _row("✓" if promise.kept else "✗", promise.text, promise.seen)
        if record.failure:
            lines += _row("✗", "The step ran to its end", record.failure.split("\n")[0])
    promises = [promise for record in records for promise in record.promises]
    kept = sum(promise.kept for promise in promises)
    broken_off = sum(bool(record.failure) for record in records)
    lines += ["", f"{kept} of {len(promises)} promises kept, {broken_off} steps broken off."]
    # Repeated at the end, for readers of the end of a log.
    for record in records:
        if record.failure:
            lines.append(f"✗ {record.name} broke off: {record.failure}")
        lines += [
            f"✗ {record.name}: {promise.text}: {promise.seen}"
            for promise in record.promises
            if not promise.kept
        ]
    return "\n".join(lines)


def _row(sign: str, promised: str, seen: str) -> list[str]:
    left = textwrap.wrap(promised, PROMISE_WIDTH)
    right = textwrap.wrap(seen, SEEN_WIDTH) or [""]
    height = max(len(left), len(right))
    left += [""] * (height - len(left))
    right += [""] * (height - len(right))
    signs = [sign] + [" "] * (height - 1)
    return [
        f"{one} {promise:{PROMISE_WIDTH}}  {what}".rstrip()
        for one, promise, what in zip(signs, left, right, strict=True)
    ]
