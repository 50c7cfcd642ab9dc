"""Objects of the Bot API, generated from aiogram's types, including those of new releases."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from aiogram.types import TelegramObject, Update
from pydantic import BaseModel
from pydantic.fields import FieldInfo

Json = dict[str, Any]

# Below this depth only what a type insists on is made.
MAX_DEPTH = 3
# Deeper than this the shortest alternative ends the recursion of blocks in blocks.
MAX_NESTING = 6
WORDS = ("Rust", "/digest", "/start", "ü😀", "a b", "https://example.com", "", "x" * 300)
# Which people and chats the generated objects name, so that several updates meet in one chat.
PEOPLE = tuple(range(1001, 1031))
CHATS = {
    "private": PEOPLE,
    "group": tuple(range(-10, 0)),
    "supergroup": tuple(range(-1010, -1000)),
    "channel": tuple(range(-2010, -2000)),
}


class Maker:
    """Makes JSON of types, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)

    def make(
        self, model: type[BaseModel], depth: int = 0, *, optional: float = 0.5, with_field: str = ""
    ) -> Json:
        """An object with all that its type insists on, `with_field`, and of the rest a share."""
        made: Json = {}
        for name, field in _fields(model):
            wanted = depth < MAX_DEPTH and self._dice.random() < optional
            names_the_type = get_origin(field.annotation) is Literal
            if not (field.is_required() or names_the_type or name == with_field or wanted):
                continue
            value = self._value(field.annotation, depth + 1, name)
            if value is not None:
                made[field.alias or name] = value
        if model.__name__ == "Chat":
            made |= self._chat(str(made.get("type")))
        if model.__name__ in ("User", "DirectMessagesTopic") and "id" in made:
            made["id"] = self._dice.choice(PEOPLE)
        return made

    def _chat(self, kind: str) -> Json:
        kind = kind if kind in CHATS else self._dice.choice(list(CHATS))
        return {"id": self._dice.choice(CHATS[kind]), "type": kind}

    def _value(self, annotation: Any, depth: int, name: str) -> Any:
        origin, arguments = get_origin(annotation), get_args(annotation)
        if hasattr(annotation, "__value__"):  # a named alias
            return self._value(annotation.__value__, depth, name)
        if origin is Annotated:
            return self._value(arguments[0], depth, name)
        if origin in (Union, UnionType):
            kinds = [one for one in arguments if one is not NoneType]
            if depth > MAX_NESTING and str in kinds:
                return self._dice.choice(WORDS)
            # Blocks in blocks in blocks have to end.
            leaves = [one for one in kinds if depth <= MAX_NESTING or not _nests(one)]
            return self._value(self._dice.choice(leaves or kinds), depth, name)
        if origin is Literal:
            value = self._dice.choice(arguments)
            return getattr(value, "value", value)
        if origin is list:
            length = self._dice.randrange(1, 3) if depth <= MAX_DEPTH else depth <= MAX_NESTING
            made = [self._value(arguments[0], depth + 1, name) for _ in range(length)]
            return [one for one in made if one is not None]
        if isinstance(annotation, type) and issubclass(annotation, TelegramObject):
            return self.make(annotation, depth, optional=0.3)
        if annotation is bool:
            return self._dice.random() < 0.5
        if annotation is int:
            return self._dice.choice((0, 1, 7, 4_503_599_627_370_495))
        if annotation is float:
            return self._dice.random()
        if annotation is str:
            return self._dice.choice(WORDS)
        if annotation in (datetime, timedelta):
            return self._dice.choice((1, 1_790_000_000))
        return None  # such as files to upload, which no update has


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return list(model.model_fields.items())


def _nests(annotation: Any) -> bool:
    """Whether the type holds others of its kind."""
    fields = getattr(annotation, "model_fields", {})
    return not {"blocks", "text", "items", "cells"}.isdisjoint(fields)


def kinds() -> list[str]:
    """The kinds of updates."""
    return [name for name in Update.model_fields if name != "update_id"]


def updates(seed: int) -> Iterator[Json]:
    """Updates of every kind: one with each single field of its content, and some with many."""
    maker = Maker(seed)
    for kind in kinds():
        model = _model_of(Update.model_fields[kind].annotation)
        for name, _ in _fields(model):
            yield {kind: maker.make(model, optional=0.0, with_field=name)}
        for _ in range(5):
            yield {kind: maker.make(model)}


def _model_of(annotation: Any) -> type[BaseModel]:
    [model] = [one for one in get_args(annotation) if one is not NoneType]
    assert issubclass(model, BaseModel)
    return model
