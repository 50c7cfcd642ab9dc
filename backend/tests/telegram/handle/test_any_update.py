"""No update stops the bot, whatever Telegram puts into it or leaves out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from aiogram.types import Update
from pydantic import ValidationError

from app.telegram.api.reading import read_update
from app.telegram.receive import inbox
from simulators.control import TelegramControl
from tests.telegram.bot_api import Json, kinds, updates
from tests.telegram.chat import Talk

SEED = 103
# Handled together, as after an outage.
BATCH = 400
JUNK: tuple[Any, ...] = (None, 0, -1, 2**70, 1.5, True, "", "x", [], [None], {}, {"id": "x"})


@pytest.fixture(autouse=True)
def admins(telegram: TelegramControl) -> None:
    """Of some groups only: in the others whoever is asked about is one."""
    for chat_id in (-1001, -1002, -1003):
        telegram.post("chat", {"chat_id": chat_id, "type": "supergroup", "admins": [1001]})


async def handle(talk: Talk, contents: list[Json]) -> list[str]:
    """Put updates through the inbox and the handlers. Returns why which were parked."""
    for start in range(0, len(contents), BATCH):
        batch = contents[start : start + BATCH]
        numbered = [{"update_id": start + n, **one} for n, one in enumerate(batch, 1)]
        async with talk.pool.acquire() as connection:
            await inbox.store(connection, numbered)
        await talk.handle()
    rows = await talk.pool.fetch("SELECT payload, error FROM inbox WHERE state <> 'done'")
    return [f"{row['error']}: {str(row['payload'])[:500]}" for row in rows]


async def test_every_kind_of_update_with_every_field_is_handled(talk: Talk) -> None:
    made = list(updates(SEED))
    assert {name for update in made for name in update} == set(kinds())
    assert await handle(talk, made) == []


def test_the_updates_are_as_the_bot_api_has_them() -> None:
    """A sample, as aiogram takes longest to judge what is nested most."""
    wrong = []
    for update in random.Random(SEED).sample(list(updates(SEED)), 40):
        try:
            Update.model_validate({"update_id": 1, **update})
        except ValidationError as error:
            wrong.append(str(error)[:300])
    assert wrong == []


async def test_missing_or_malformed_fields_are_accepted(talk: Talk) -> None:
    dice = random.Random(SEED)
    allowed = "message", "channel_post", "callback_query", "my_chat_member"
    made = [update for update in updates(SEED + 1) if next(iter(update)) in allowed]
    broken = [variant for update in dice.sample(made, 40) for variant in variants(update, dice)]
    assert len(broken) > 400
    assert await handle(talk, broken) == []


def variants(update: Json, dice: random.Random) -> Iterator[Json]:
    """The update with something of it left out, and with something else in its place."""
    places = list(paths(update))
    for path in dice.sample(places, min(6, len(places))):
        yield changed(update, path)
        yield changed(update, path, dice.choice(JUNK))


def paths(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for name, one in inside:
        yield (*here, name)
        yield from paths(one, (*here, name))


def changed(value: Any, path: tuple[Any, ...], *junk: Any) -> Any:
    """A copy in which what is at `path` is left out, or replaced by `junk`."""
    first, *rest = path
    copy = value.copy()
    if rest:
        copy[first] = changed(value[first], tuple(rest), *junk)
    elif junk:
        copy[first] = junk[0]
    else:
        del copy[first]
    return copy


@pytest.mark.parametrize("junk", JUNK)
def test_an_update_of_junk_reads_as_one_that_asks_nothing(junk: Any) -> None:
    update = read_update({"update_id": 1, **dict.fromkeys(kinds(), junk)})
    assert update.effective_message is None
