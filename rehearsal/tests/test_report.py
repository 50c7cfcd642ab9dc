"""What is left of a rehearsal can be read: in the terminal, and on screens of both widths."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import pytest

from rehearsal.drills import Drill, Mark
from rehearsal.promises import StepRecord
from rehearsal.report.page import page
from rehearsal.report.picture import NARROW, WIDE, Shape, picture
from rehearsal.report.table import table
from simulators.accounting import Answer, account
from simulators.figures import table as table_of_figures

BEGAN = 1_000_000.0
MARKS = [
    Mark(BEGAN + 3, "update.yml & <more>"),
    Mark(BEGAN + 3.2, "done"),
    Mark(BEGAN + 9.9, "end"),
]


@pytest.fixture
def load() -> SimpleNamespace:
    asked = {number: BEGAN + number * 0.05 for number in range(200)}
    answers = [Answer(number, at + 0.1) for number, at in asked.items()]
    polls = [BEGAN + number * 0.1 for number in range(100) if not 40 < number < 48]
    return SimpleNamespace(asked=asked, answers=answers, polls=polls)


@pytest.fixture
def drill(load: SimpleNamespace) -> Drill:
    drill = Drill(
        "Update <1>", "update", BEGAN, BEGAN + 10, MARKS, account(load.asked, load.answers)
    )
    drill.poll_silence, drill.answer_silence = 0.8, 0.05
    return drill


def broken_step() -> StepRecord:
    record = StepRecord("update", "Ten updates", seconds=95)
    record.expect("No message is lost", True, "0 of 10")
    record.expect("A promise with <angle> brackets", False, "1 & 2")
    return record


def test_a_figure_is_held_against_its_bound_and_shown_beside_it() -> None:
    record = StepRecord("update", "Ten updates")
    assert record.at_most("A second run", 14.5, 20)
    assert not record.at_most("Restarts", 1, 0, "", "app")
    assert not record.kept
    assert [(one.text, one.seen) for one in record.promises] == [
        ("A second run: at most 20 s", "14.5 s"),
        ("Restarts: at most 0", "app"),
    ]
    shown = table_of_figures(record.figures).splitlines()
    assert [line.split()[-1] for line in shown] == ["kept", "MISSED"]


@pytest.mark.parametrize("shape", [WIDE, NARROW], ids=lambda shape: shape.name)
def test_a_picture_is_drawn_inside_its_frame(
    drill: Drill, load: SimpleNamespace, shape: Shape
) -> None:
    svg = ElementTree.fromstring(picture(drill, load, shape))
    assert "0.80 s silent" in [element.text for element in svg.iter("text")]
    [width, height] = [float(number) for number in svg.attrib["viewBox"].split()[2:]]
    for text in svg.iter("text"):
        assert 0 <= float(text.attrib["x"]) <= width
        assert 0 <= float(text.attrib["y"]) <= height


def test_labels_of_marks_do_not_cover_each_other(drill: Drill, load: SimpleNamespace) -> None:
    svg = ElementTree.fromstring(picture(drill, load, NARROW))
    rows = [text.attrib["y"] for text in svg.iter("text") if text.attrib["class"] == "mark"]
    assert rows[0] != rows[1]


def test_the_page_names_broken_promises_and_escapes_observations(
    drill: Drill, load: SimpleNamespace
) -> None:
    facts = {"began": "now", "seconds": 95, "commit": "0" * 40, "machine": "small"}
    facts["patience"] = 1.0
    html = page(facts, [broken_step()], [drill], load)
    assert "1 of 2 promises broken" in html
    assert "A promise with &lt;angle&gt; brackets</a>: 1 &amp; 2" in html
    assert "<angle>" not in html
    assert "1 min 35 s" in html
    assert "http" not in html.replace("http-equiv", "")  # nothing is fetched


def test_the_table_ends_with_the_broken_promises() -> None:
    step = broken_step()
    said = table([step, StepRecord("next", "The next one", failure="It needs this one.")])
    assert "✗ A promise with <angle> brackets" in said
    count, broken, broken_off = said.splitlines()[-3:]
    assert "1 of 2 promises kept" in count
    assert broken == f"✗ {step.name}: A promise with <angle> brackets: 1 & 2"
    assert broken_off == "✗ next broke off: It needs this one."
