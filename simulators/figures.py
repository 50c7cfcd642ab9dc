"""Measured numbers, printed as a table or written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number, with its bound if there is one."""

    name: str
    value: float
    unit: str
    bound: float | None = None
    better: Literal["higher", "lower"] = "higher"

    @property
    def kept(self) -> bool | None:
        """Whether the bound is kept; None without a bound."""
        if self.bound is None:
            return None
        return self.value >= self.bound if self.better == "higher" else self.value <= self.bound


def table(figures: Sequence[Figure]) -> str:
    """The figures as aligned text, one per line."""
    rows = [_row(figure) for figure in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{name:<{widths[0]}}  {value:>{widths[1]}} {unit:<{widths[2]}}  {bound}".rstrip()
        for name, value, unit, bound in rows
    )


def _row(figure: Figure) -> tuple[str, str, str, str]:
    value = f"{figure.value:,.0f}" if figure.value >= 100 else f"{figure.value:.3g}"
    if figure.bound is None:
        return figure.name, value, figure.unit, ""
    sign = "≥" if figure.better == "higher" else "≤"
    verdict = "kept" if figure.kept else "MISSED"
    return figure.name, value, figure.unit, f"{sign} {figure.bound:g}  {verdict}"


def write_json(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures as a list of objects."""
    rows = [asdict(figure) | {"kept": figure.kept} for figure in figures]
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
