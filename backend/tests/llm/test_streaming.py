"""Streamed answers: the parts are reported as they arrive, the result is as without streaming."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from app.database.connection import Pool
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.llm.wire import MAX_BYTES
from simulators import llm
from tests.llm.conftest import Make
from tests.llm.test_model import TEXT, Answer


async def ask(model: LanguageModel, heard: list[str], text: str = TEXT) -> Answer:
    return await model.ask(
        *("question", "Say it again.", [("user", text)], Answer),
        max_tokens=500,
        listener=heard.append,
    )


async def costs(database: Pool) -> list[Any]:
    rows = await database.fetch("SELECT cost_usd, outcome FROM llm_calls ORDER BY id")
    return [tuple(row) for row in rows]


async def test_a_streamed_answer_reaches_the_listener_at_the_same_cost(
    make_model: Make, simulated: llm.ModelBehaviour, database: Pool
) -> None:
    heard: list[str] = []
    model = make_model()
    assert await ask(model, heard) == Answer(text=TEXT, points=[TEXT])
    assert len(heard) > 3
    assert all(longer.startswith(shorter) for shorter, longer in pairwise(heard))
    assert simulated.requests[-1]["stream"] is True
    whole = await model.ask(
        *("question", "Say it again.", [("user", TEXT)], Answer), max_tokens=500
    )
    assert whole.text == TEXT and "stream" not in simulated.requests[-1]
    assert len(set(await costs(database))) == 1


@pytest.mark.parametrize(
    "lacking",
    [{"unsupported": ["stream_options"]}, {"unsupported": ["stream"]}, {"streams": False}],
)
async def test_a_server_without_pieces_is_asked_for_the_whole_and_never_again(
    make_model: Make, simulated: llm.ModelBehaviour, lacking: dict[str, Any]
) -> None:
    for name, value in lacking.items():
        setattr(simulated, name, value)
    heard: list[str] = []
    model = make_model()
    for _ in range(2):
        assert await ask(model, heard) == Answer(text=TEXT, points=[TEXT])
    assert heard == []
    assert ["stream" in request for request in simulated.requests] == [True, False, False]


async def test_a_rejected_parameter_does_not_end_streaming(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.unsupported = ["json_schema"]
    heard: list[str] = []
    await ask(make_model(), heard)
    assert heard and all("stream" in request for request in simulated.requests)


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ("refuse", Outcome.REFUSED),
        ("cut", Outcome.CUT_OFF),
        ("nonsense", Outcome.NONSENSE),
        ("silence", Outcome.NONSENSE),
        ("break_off", Outcome.NONSENSE),
    ],
)
async def test_streaming_errors_are_classified(
    make_model: Make, simulated: llm.ModelBehaviour, behaviour: str, outcome: Outcome
) -> None:
    simulated.behaviour = behaviour
    with pytest.raises(ModelError) as caught:
        await ask(make_model(), [])
    assert caught.value.outcome is outcome


async def test_an_answer_without_end_is_read_to_a_bound(
    make_model: Make, simulated: llm.ModelBehaviour
) -> None:
    simulated.behaviour = "flood"
    heard: list[str] = []
    with pytest.raises(ModelError) as caught:
        await ask(make_model(), heard)
    assert caught.value.outcome is Outcome.NONSENSE
    assert heard == []
    # Some of it is on its way when nobody reads any more.
    assert simulated.flooded < 2 * 20 * MAX_BYTES
