"""The language model: one question, one answer of a given shape, within the budget."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from app.database.connection import Connection, Pool
from app.llm.budget import Budget
from app.llm.client import Client
from app.llm.dialect import Message
from app.llm.outcomes import OF_THE_ACCOUNT, OF_THE_SERVER, ModelError, Outcome, Usage
from app.llm.shapes import S, Shape, read
from app.llm.traces import Call, Traces
from app.settings import Settings

log = logging.getLogger(__name__)

# After so many failures in a row the server is left alone for a while, and after so many the
# operator hears of it.
FAILURES_IN_A_ROW = 3
FAILURES_TO_TELL = 10
PAUSE_FOR_THE_SERVER = 60.0
PAUSE_FOR_THE_ACCOUNT = 600.0
ALERT = "llm"
_CHECK = "Check OPENAI_API_KEY, OPENAI_MODEL and OPENAI_BASE_URL."
_WAIT = "Check OPENAI_BASE_URL, or wait until its server is well again."
WHAT_TO_DO = {
    Outcome.OVER_BUDGET: "Raise it, or wait for the next one.",
    Outcome.NO_QUOTA: "Add credit to the account.",
    Outcome.MISCONFIGURED: _CHECK,
    Outcome.REJECTED: _CHECK,
} | dict.fromkeys(OF_THE_SERVER, _WAIT)


class Operator(Protocol):
    """Who hears of trouble, once, and of its end."""

    async def tell(self, connection: Connection, key: str, detail: str) -> None: ...

    async def clear(self, connection: Connection, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Pause:
    """Why the server is not asked until `until` on the monotonic clock."""

    error: ModelError
    until: float


class LanguageModel:
    """The configured model. A process needs one; any number of processes may share the budget."""

    def __init__(
        self, pool: Pool, settings: Settings, operator: Operator, client: Client | None = None
    ) -> None:
        self.name = settings.openai_model
        self.has_key = settings.openai_api_key is not None
        self._pool = pool
        self._operator = operator
        self._client = client or Client(settings)
        self._budget = Budget(pool, settings)
        self._traces = Traces(settings)
        self._pause: _Pause | None = None
        self._failures = 0
        self._told = True  # by the process before this one, perhaps
        if self.has_key and not self._budget.price_is_known:
            price = self._budget.price
            log.warning(
                "What %s costs is not known; it counts as $%s and $%s per million tokens until "
                "LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION say what it is",
                *(self.name, price.input, price.output),
            )

    async def ask(
        self,
        purpose: str,
        instructions: str,
        messages: Sequence[Message],
        shape: type[S],
        *,
        most_tokens: int,
        story_id: int | None = None,
    ) -> S:
        """Ask for an answer of `shape` that takes at most `most_tokens`; waits at most a minute.

        `purpose` is summary, discussion or question. `messages` hold what others wrote; what is to
        be done with it stands in `instructions` alone.

        Raises:
            ModelError: with the outcome, when there is no answer.
            OUTAGES: when PostgreSQL is away.
        """
        if not self.has_key:
            raise ModelError(Outcome.NO_KEY, "OPENAI_API_KEY is not set")
        if self._pause and time.monotonic() < self._pause.until:
            raise ModelError(self._pause.error.outcome, str(self._pause.error))
        most = self._most(instructions, messages, shape, most_tokens)
        try:
            call_id = await self._budget.reserve(purpose, story_id, most)
        except ModelError as error:
            await self._tell(error)
            raise
        start = time.time_ns()

        async def ended(outcome: Outcome, usage: Usage | None, content: str | None) -> None:
            end = time.time_ns()
            latency = timedelta(microseconds=(end - start) // 1000)
            cost = await self._budget.settle(call_id, outcome, usage, latency)
            asked = purpose, story_id, self.name, instructions, messages
            self._traces.record(Call(*asked, content, outcome, usage, cost, start, end))

        content: str | None = None
        try:
            completion = await self._client.complete(instructions, messages, shape, most_tokens)
            content = completion.content
            try:
                answer = read(content, shape)
            except ValueError as error:
                raise ModelError(Outcome.NONSENSE, str(error), completion.usage) from None
        except ModelError as error:
            await ended(error.outcome, error.usage, content)
            await self._failed(error)
            raise
        await ended(Outcome.ANSWERED, completion.usage, content)
        await self._answered()
        return answer

    def _most(
        self, instructions: str, messages: Sequence[Message], shape: type[Shape], most_tokens: int
    ) -> Usage:
        """The most tokens that a call can take: a token is at least a byte."""
        dialect = self._client.dialect
        request = dialect.request(instructions, messages, shape, most_tokens)
        prompt = len(json.dumps(request, ensure_ascii=False).encode("utf-8", "replace"))
        return Usage(prompt, dialect.tokens(most_tokens))

    async def _failed(self, error: ModelError) -> None:
        log.warning("The model did not answer (%s): %s", error.outcome, error)
        if error.outcome in OF_THE_ACCOUNT:
            self._pause = _Pause(error, time.monotonic() + PAUSE_FOR_THE_ACCOUNT)
            await self._tell(error)
        elif error.outcome in OF_THE_SERVER or error.outcome is Outcome.REJECTED:
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                self._pause = _Pause(error, time.monotonic() + PAUSE_FOR_THE_SERVER)
            if self._failures >= FAILURES_TO_TELL:
                await self._tell(error)
        else:
            self._failures = 0

    async def _answered(self) -> None:
        self._failures = 0
        if self._told:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._operator.clear(connection, ALERT)
            self._told = False

    async def _tell(self, error: ModelError) -> None:
        detail = (
            f"The language model is out of use: {str(error).rstrip('.')}. "
            f"{WHAT_TO_DO[error.outcome]} Until then summaries are excerpts."
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await self._operator.tell(connection, ALERT, detail)
        self._told = True
