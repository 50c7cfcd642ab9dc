"""Columns are read one after the other, in whatever order they were drawn."""

from __future__ import annotations

import pytest

from app.articles.columns import reorder_columns
from app.articles.pdf import text

LEFT = [
    "The council asked for a survey of the",
    "old pier after last winter had moved",
    "three of its stones. Divers found that",
    "the foundation was sound, but that the",
    "timber had rotted in eleven places and",
    "would have to be replaced by summer.",
]
RIGHT = [
    "A second group measured the current",
    "along the quay with forty buoys. They",
    "report half a metre a second, which is",
    "twice the figure in the old chart. The",
    "difference is explained by the newest",
    "breakwater at the end of the harbour.",
]
TITLE = "On the stones of the old pier and on the currents along the quay of the harbour"
READ = [*LEFT, *RIGHT]


def laid_out(*columns: list[str], width: int = 60) -> str:
    rows = zip(*columns, strict=True)
    return "\n".join("".join(cell.ljust(width) for cell in row).rstrip() for row in rows)


def by_rows(*columns: list[str]) -> str:
    return "\n".join(line for row in zip(*columns, strict=True) for line in row)


def test_columns_drawn_row_by_row_are_reordered() -> None:
    page = f"{' ' * 10}{TITLE}\n{laid_out(LEFT, RIGHT)}"
    read = reorder_columns(page, f"{TITLE}\n{by_rows(LEFT, RIGHT)}")
    assert read is not None
    assert read.split("\n") == [TITLE, *READ]


def test_three_columns_are_read_one_after_the_other() -> None:
    third = LEFT[::-1]
    read = reorder_columns(laid_out(LEFT, RIGHT, third), by_rows(LEFT, RIGHT, third))
    assert read is not None
    assert read.split("\n") == [*READ, *third]


def test_a_line_across_the_gutter_separates_two_blocks_of_columns() -> None:
    part = laid_out(LEFT, RIGHT)
    drawn = "\n".join([by_rows(LEFT, RIGHT), TITLE, by_rows(LEFT, RIGHT)])
    read = reorder_columns(f"{part}\n{TITLE}\n{part}", drawn)
    assert read is not None
    assert read.split("\n") == [*READ, TITLE, *READ]


def test_columns_drawn_by_columns_stay_as_they_are() -> None:
    assert reorder_columns(laid_out(LEFT, RIGHT), "\n".join(READ)) is None


def test_the_rows_of_a_table_are_read_as_rows() -> None:
    names, prices = [f"item {n}" for n in range(9)], [f"{n} crowns" for n in range(9)]
    assert reorder_columns(laid_out(names, prices), by_rows(names, prices)) is None


def test_a_page_of_one_column_stays_as_it_is() -> None:
    line = "a line of text that is as wide as the page and has a gap in the middle of it"
    lines = [f"{line[:place]}    {line[place:]}" for place in range(20, 60)]
    assert reorder_columns("\n".join(lines), "\n".join(lines)) is None
    assert reorder_columns("", "") is None


def pdf(content: str) -> bytes:
    """A document of one page with these operators."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [1000 0 1612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{tail}".encode()


def shown(x: float, y: float, words: str) -> str:
    return f"BT /F1 8 Tf 1 0 0 1 {x} {y} Tm ({words}) Tj ET\n"


ROWS = list(enumerate(zip(LEFT, RIGHT, strict=True)))
LETTER = 4.8  # of Courier, 8 points
DRAWINGS = {
    "each line at its place": "".join(
        shown(1050, 700 - 10 * n, left) + shown(1320, 700 - 10 * n, right)
        for n, (left, right) in ROWS
    ),
    "each line from where the one before began": "BT /F1 8 Tf 1050 700 Td\n"
    + "".join(f"({left}) Tj 270 0 Td ({right}) Tj -270 -10 Td\n" for _, (left, right) in ROWS)
    + "ET",
    "both lines at once, with a gap": "BT /F1 8 Tf 1050 700 Td\n"
    + "".join(f"[({left}) -12000 ({right})] TJ 0 -10 Td\n" for _, (left, right) in ROWS)
    + "ET",
    "letter by letter": "".join(
        shown(x + LETTER * place, 700 - 10 * n, letter)
        for n, row in ROWS
        for x, line in zip((1050, 1320), row, strict=True)
        for place, letter in enumerate(line)
    ),
    "lines that do not stand beside each other": "".join(
        shown(1050, 700 - 10 * n, left) + shown(1320, 696 - 10 * n, right)
        for n, (left, right) in ROWS
    ),
}


@pytest.mark.parametrize("drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_columns_are_read_whatever_the_drawing_order(drawing: str) -> None:
    assert text(pdf(drawing), 10_000).split() == " ".join(READ).split()


def test_title_and_authors_are_separate_from_the_abstract() -> None:
    said = "In this paper we report eleven years of measurements on a wooden footbridge."
    page = shown(1050, 700, "Eleven winters of a bridge") + shown(1050, 690, "Ida Brokk, Marrowby")
    assert f"\n\n{said}" in text(pdf(page + shown(1050, 670, f"Abstract. {said}")), 10_000)
    apart = shown(1050, 670, "Abstract") + shown(1050, 660, said)
    assert f"\n\n{said}" in text(pdf(page + apart), 10_000)
