"""Answers that have a shape: the JSON schema that is asked for, and reading what comes back."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

# Whatever is made of an answer is to be stored, and PostgreSQL takes no such character in a text.
_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


class Shape(BaseModel):
    """What the model is to answer with: fields without defaults, of simple types and lists.

    That is what strict structured output allows
    (https://platform.openai.com/docs/guides/structured-outputs#supported-schemas). A server that
    is not strict may add fields; they are ignored.
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
    """The same as an instruction, for servers that do not know or do not keep schemas."""
    schema = json.dumps(shape.model_json_schema(), separators=(",", ":"))
    return f"Answer with one JSON object and nothing else. It fits this JSON schema: {schema}"


def read(content: str, shape: type[S]) -> S:
    """The answer in `content`.

    Local models put their thoughts before it and a code fence around it; both are passed over.

    Raises:
        ValueError: when there is no such answer; the message quotes nothing of it.
    """
    answer = content.rpartition("</think>")[2]
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        raise ValueError("the answer holds no JSON object")
    try:
        return shape.model_validate_json(_NUL.sub(r"\1", answer[start : end + 1]))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place or 'the answer'}: {first['msg']}") from None
