"""Writes the reports of a rehearsal into a folder."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rehearsal.lab.engine import Engine
from rehearsal.lab.programs import run
from rehearsal.lab.workspace import CLONE
from rehearsal.promises import StepRecord
from rehearsal.report.page import page
from rehearsal.report.table import table
from rehearsal.stage import Stage


def write_reports(folder: Path, stage: Stage, records: Sequence[StepRecord], began: float) -> None:
    """Print the table and write `report.json` and `report.html` into `folder`."""
    facts = _facts(stage, began)
    content = {
        **facts,
        "steps": [asdict(record) for record in records],
        "drills": [asdict(drill) for drill in stage.drills],
    }
    (folder / "report.json").write_text(json.dumps(content, indent=1))
    html = folder / "report.html"
    html.write_text(page(facts, records, stage.drills, stage.load))
    print(f"\n{table(records)}\n\nReport: {html}", flush=True)


def _facts(stage: Stage, began: float) -> dict[str, Any]:
    lab = stage.lab
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "commit": run("git", "-C", CLONE, "rev-parse", "HEAD", timeout=10).strip(),
        "began": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(began)),
        "seconds": round(time.time() - began),
        "machine": f"{os.cpu_count()} CPUs, {memory / 2**30:.0f} GiB, Linux {platform.release()},"
        f" load average {os.getloadavg()[2]:.1f}",
        "patience": stage.record.patience,
        "host": stage.host_kind,
        "engine": _engine(lab.own_engine),
        "images": ", ".join(lab.stand_ins) + " are stand-ins built from Debian packages"
        if lab.stand_ins
        else "public images",
    }


def _engine(engine: Engine | None) -> str:
    if engine is None:
        return "none beside the host's own"
    return "a private Docker Engine" if engine.private else "the machine's own Docker"
