"""Renders the report as one self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from rehearsal.drills import Drill
from rehearsal.load import CHATS, UPDATES_PER_SECOND, Load
from rehearsal.promises import StepRecord
from rehearsal.report.picture import NARROW, WIDE, picture

TEMPLATE = Path(__file__).with_name("page.html.j2")
# Longer silences are drawn at this length, so that an outage does not hide those of updates.
MAX_BAR_SECONDS = 5.0


def page(
    facts: Mapping[str, object],
    records: Sequence[StepRecord],
    drills: Sequence[Drill],
    load: Load,
) -> str:
    """Render the page."""
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["duration"] = duration
    environment.filters["bar"] = _bar
    promises = [promise for record in records for promise in record.promises]
    broken = [(record, one) for record in records for one in record.promises if not one.kept]
    return environment.from_string(TEMPLATE.read_text()).render(
        facts=facts,
        records=records,
        drills={
            record.name: [one for one in drills if one.step == record.name] for record in records
        },
        picture=lambda drill: _svg(picture(drill, load, WIDE) + picture(drill, load, NARROW)),
        kept=sum(promise.kept for promise in promises),
        promised=len(promises),
        broken=broken,
        broken_off=[record for record in records if record.failure],
        all_drills=drills,
        chats=CHATS,
        rate=UPDATES_PER_SECOND,
    )


def _svg(drawn: str) -> Markup:
    """The rehearsal's own SVG, whose texts are escaped where they are written."""
    return Markup(drawn)  # noqa: S704 - see above


def duration(seconds: float) -> str:
    """`95` is `1 min 35 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _bar(seconds: float) -> str:
    """The width of a bar for a silence, in per cent."""
    return f"{min(1.0, seconds / MAX_BAR_SECONDS) * 100:.1f}%"
