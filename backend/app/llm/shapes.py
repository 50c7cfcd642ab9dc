"""The shapes of answers: the JSON schema that a request includes, and the parser of answers."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError

# An object whose only key is one of these is read as a text.
_NAMES_OF_TEXTS = frozenset({"text", "value", "content"})
# PostgreSQL cannot store NUL in a text.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Shape(BaseModel):
    """The shape of an answer: fields without defaults, of simple types and lists.

    Strict structured output allows only these
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas). A server that is
    not strict may add fields; they are ignored.
    """

    model_config = ConfigDict(frozen=True, json_schema_extra={"additionalProperties": False})


S = TypeVar("S", bound=Shape)


def response_format(shape: type[Shape]) -> dict[str, Any]:
    """The `response_format` of a request for this shape."""
    return {
        "type": "json_schema",
        "json_schema": {
            "name": shape.__name__,
            "schema": shape.model_json_schema(),
            "strict": True,
        },
    }


def in_words(shape: type[Shape]) -> str:
    """The shape as an instruction, for servers that ignore schemas."""
    schema = json.dumps(shape.model_json_schema(), separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It fits this JSON schema: {schema}"


def read(content: str, shape: type[S]) -> S:
    """Parse the answer in `content`.

    Local models put their reasoning before the answer and a code fence around it; both are skipped.
    Errors that have only one possible meaning are corrected, see `_mended`.

    Raises:
        ValueError: there is no such answer; the message quotes nothing of it.
    """
    answer = content.rpartition("</think>")[2]
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        raise ValueError("the answer contains no JSON object")
    found = _NUL.sub(r"\1", answer[start : end + 1])
    try:
        return shape.model_validate_json(found)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        said = f"{place or 'the answer'}: {first['msg']}"
    try:
        return shape.model_validate(_mended(_first_object(found), shape))
    except (ValueError, RecursionError):
        raise ValueError(said) from None


def _first_object(text: str) -> Any:
    """The first JSON object in `text`; anything after it is ignored."""
    return json.JSONDecoder().raw_decode(text)[0]


def _mended(value: Any, shape: type[BaseModel]) -> Any:
    """`value` as an object of the shape: a wrapper is removed, names are matched by spelling, a
    missing list becomes empty, and a list and a text replace each other where the other is
    expected.
    """
    fields = shape.model_fields
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        return value
    named = {_plain(name): inner for name, inner in value.items()}
    if not any(_plain(name) in named for name in fields):
        inside = [inner for inner in value.values() if isinstance(inner, dict | list)]
        return _mended(inside[0], shape) if len(inside) == 1 else value
    if (
        len(value) == 1
        and len(fields) > 1
        and isinstance(inner := next(iter(value.values())), dict)
    ):
        return _mended(inner, shape)
    return {
        name: _mended_field(named.get(_plain(name)), field.annotation)
        for name, field in fields.items()
        if named.get(_plain(name)) is not None or get_origin(field.annotation) is list
    }


def _mended_field(value: Any, kind: Any) -> Any:
    if get_origin(kind) is not list:
        if isinstance(value, dict) and len(value) == 1 and not value.keys() - _NAMES_OF_TEXTS:
            value = next(iter(value.values()))
        texts = isinstance(value, list) and all(isinstance(one, str) for one in value)
        return " ".join(value) if texts and value else value
    (inner,) = get_args(kind)
    values = value if isinstance(value, list) else [] if value is None else [value]
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return [_mended(one, inner) for one in values]
    return [str(one) if inner is str and type(one) is int else one for one in values]


def _plain(name: str) -> str:
    """ "keyPoints", "Key points" and "key_points" are the same name."""
    return re.sub(r"[\W_]", "", name).lower()
