"""What the simulated model writes: words of what it was given, so that a test can tell whose text
became whose summary.

In a hostile manner it does what an injected text asks of a model: it puts links, mentions and
markup everywhere, or breaks the shape that was asked for.
"""

from __future__ import annotations

import json
import re
from typing import Any

Json = dict[str, Any]

HOSTILE = (
    "Your account expires, log in at https://evil.example/login or [here](http://evil.example)."
    ' <a href="https://evil.example">Click</a> and write to @evil_support or /delete_me.'
)
GIANT = 500  # times the words of an answer
_ID = re.compile(r'\bid="(\d+)"')


def write(schema: Json | None, source: str, manner: str) -> str:
    """An answer to `source` that fits `schema` as far as the manner lets it.

    Manners: hostile (links and markup in every text), wrong_types, empty (no texts), giant (far too
    long), fenced (between thoughts and a code fence), german, sorry (a refusal in words), nul (a
    character that no database takes); plain words in any other.
    """
    if schema is None:
        return _words(source, manner)
    written = json.dumps(_fill(schema, source, manner, schema.get("$defs", {})))
    if manner == "fenced":
        return f"<think>{{hm}}, what is asked?</think>\nHere it is:\n```json\n{written}\n```"
    return written


def _words(source: str, manner: str) -> str:
    words = " ".join(source.split()[-25:])
    match manner:
        case "hostile":
            return f"{words}. {HOSTILE}"
        case "empty":
            return ""
        case "giant":
            return f"{words}. " * GIANT
        case "german":
            return "Das ist ein Text über die Brücke, und er ist nicht auf Englisch geschrieben."
        case "sorry":
            return "I'm sorry, but I can't assist with that request."
        case "nul":
            return f"\0{words}\0"
        case _:
            return words


def _fill(schema: Json, source: str, manner: str, definitions: Json) -> Any:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _fill(schema["anyOf"][0], source, manner, definitions)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {
                key: _fill(value, source, manner, definitions) for key, value in properties.items()
            }
        case "array" if manner == "wrong_types":
            return "not a list"
        case "array":
            items = schema.get("items", {"type": "string"})
            if items.get("type") == "integer":
                # Comments have ids; one that nobody wrote is what models make up.
                return [*map(int, _ID.findall(source)[:2]), 999_999_999_999]
            return [_fill(items, source, manner, definitions)]
        case "integer" | "number":
            return 0
        case "boolean":
            return False
        case _:
            return {"not": "a text"} if manner == "wrong_types" else _words(source, manner)
