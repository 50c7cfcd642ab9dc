"""JSON: the same values as the standard library's, whatever the characters and the depth."""

from __future__ import annotations

import json
from enum import IntEnum
from typing import Any

import pytest

from app.text.compact_json import compact_json
from app.wording import Html


class _Number(IntEnum):
    TWO = 2


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        {"text": 'quotes " and \\ and \n', "null": None, "yes": True, "big": 2**80, "small": 1e-9},
        {"кто": "👍\x00\x7f\u2028"},
        [_Number.TWO, Html("<b>"), (1, 2)],
        {5: "a number as a name"},
        nested(600),
    ],
)
def test_the_values_are_those_of_the_standard_library(value: Any) -> None:
    assert json.loads(compact_json(value)) == json.loads(json.dumps(value))


def test_there_are_neither_spaces_nor_escapes_where_none_are_needed() -> None:
    assert compact_json({"a": ["é", "👍"]}) == '{"a":["é","👍"]}'.encode()


@pytest.mark.parametrize("half", ["\ud83d", "\udcff"])
def test_half_a_pair_is_replaced_and_the_rest_stays(half: str) -> None:
    value = {f"a{half}": [f"{half} alone", "👍"]}
    assert json.loads(compact_json(value)) == {"a\ufffd": ["\ufffd alone", "👍"]}


def test_what_has_no_form_in_json_is_an_error() -> None:
    with pytest.raises(TypeError):
        compact_json({"a": object()})
