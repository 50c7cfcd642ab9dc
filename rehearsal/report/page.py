"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from rehearsal.drills import Drill
from rehearsal.load import Load
from rehearsal.promises import StepRecord
from rehearsal.report.picture import picture

TEMPLATE = Path(__file__).with_name("page.html.j2")


def page(
    facts: Mapping[str, object],
    records: Sequence[StepRecord],
    drills: Sequence[Drill],
    load: Load,
) -> str:
    """Render the page."""
    template = Environment(autoescape=True, trim_blocks=True).from_string(TEMPLATE.read_text())
    # Our own SVG, whose texts are escaped where they are written.
    pictures = [(drill, Markup(picture(drill, load))) for drill in drills]  # noqa: S704
    promises = [promise for record in records for promise in record.promises]
    return template.render(
        facts=facts,
        records=records,
        pictures=pictures,
        kept=sum(promise.kept for promise in promises),
        promised=len(promises),
    )
