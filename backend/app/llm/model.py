"""The language model: makes a call within the budget and returns an answer of a given shape."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from app.database.connection import Connection, Pool
from app.llm import tokens
from app.llm.breaker import ModelBreaker
from app.llm.budget import Budget, Estimate
from app.llm.client import RETRIES, Client, Listener
from app.llm.outcomes import OF_THE_SERVER, ModelError, Outcome, Usage
from app.llm.servers import server_of
from app.llm.shapes import S, Shape, read
from app.llm.traces import Call, Traces
from app.llm.truncation import PromptMessage
from app.settings import Settings

log = logging.getLogger(__name__)

ALERT = "llm"
_CHECK = "Check OPENAI_API_KEY, OPENAI_MODEL and OPENAI_BASE_URL."
_WAIT = "Check OPENAI_BASE_URL, or wait until its server works again."
WHAT_TO_DO = {
    Outcome.OVER_BUDGET: "Raise it, or wait until it is renewed.",
    Outcome.NO_QUOTA: "Add credit to the account.",
    Outcome.MISCONFIGURED: _CHECK,
    Outcome.REJECTED: _CHECK,
    Outcome.RATE_LIMITED: "Lower LLM_CONCURRENCY or STORIES_PER_DAY, or have the limit raised.",
} | dict.fromkeys(OF_THE_SERVER, _WAIT)


class OperatorAlerts(Protocol):
    """Receives a notice when a trouble begins, and one when it ends."""

    async def tell(self, connection: Connection, key: str, detail: str) -> None: ...

    async def clear(self, connection: Connection, key: str) -> None: ...


@dataclass(frozen=True, slots=True)
class _Request:
    """A call's content, its purpose, and who pays for it."""

    purpose: str
    story_id: int | None
    payer: str | None
    instructions: str
    messages: Sequence[PromptMessage]
    max_tokens: int


class LanguageModel:
    """The configured model. A process needs one; all processes share the budget."""

    def __init__(
        self, pool: Pool, settings: Settings, operator: OperatorAlerts, client: Client | None = None
    ) -> None:
        self.name = settings.openai_model
        self.has_key = settings.openai_api_key is not None
        self._pool = pool
        self._operator = operator
        self.server = server_of(settings)
        self._slots = asyncio.Semaphore(self.server.concurrency)
        self._client = client or Client(settings)
        self._budget = Budget(pool, settings)
        self._traces = Traces(settings)
        self._breaker = ModelBreaker()
        self._told = True  # the previous process may have told the operator
        if self.has_key and not self._budget.price_is_known:
            price = self._budget.price
            log.warning(
                "The price of %s is unknown; it counts as $%s and $%s per million tokens. Set "
                "LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION",
                *(self.name, price.input, price.output),
            )

    @property
    def max_wait(self) -> timedelta:
        """The longest time that a call takes: for a slot, for the budget, and for the answer."""
        return self.server.deadline + self._budget.max_wait + self.server.deadline

    async def ask(
        self,
        purpose: str,
        instructions: str,
        messages: Sequence[PromptMessage],
        shape: type[S],
        *,
        max_tokens: int,
        story_id: int | None = None,
        payer: str | None = None,
        listener: Listener | None = None,
    ) -> S:
        """Request an answer of `shape` with at most `max_tokens`; takes at most `patience`.
        A `listener` receives the answer's JSON while it is written, unread and unchecked.

        `purpose` is summary, discussion, lede or question; `payer` identifies the person who asks a
        question. Only `instructions` tell the model what to do: `messages` hold untrusted text.

        Raises:
            ModelError: there is no answer; its outcome has the reason.
            OUTAGES: PostgreSQL is unavailable.
        """
        if not self.has_key:
            raise ModelError(Outcome.NO_KEY, "OPENAI_API_KEY is not set")
        async with self._slot():
            self._breaker.enter()
            try:
                return await self._ask(
                    _Request(purpose, story_id, payer, instructions, messages, max_tokens),
                    shape,
                    listener,
                )
            finally:
                self._breaker.leave()

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        """Hold one of the server's concurrent calls."""
        try:
            await asyncio.wait_for(self._slots.acquire(), self.server.deadline.total_seconds())
        except TimeoutError:
            raise ModelError(Outcome.BUSY, "other calls took all the time") from None
        try:
            yield
        finally:
            self._slots.release()

    async def _ask(self, request: _Request, shape: type[S], listener: Listener | None) -> S:
        instructions, messages = request.instructions, request.messages
        estimate = self._estimate(request, shape)
        try:
            call_id = await self._budget.reserve(
                request.purpose, request.story_id, request.payer, estimate
            )
        except ModelError as error:
            if error.outcome is Outcome.OVER_BUDGET:
                await self._tell(error)
            raise
        start = time.time_ns()

        async def ended(outcome: Outcome, usage: Usage | None, content: str | None) -> None:
            end = time.time_ns()
            latency = timedelta(microseconds=(end - start) // 1000)
            if usage is None and content is not None:
                usage = Usage(estimate.expected.prompt, tokens.estimate(content))
            cost = await self._budget.settle(call_id, outcome, usage, latency)
            asked = request.purpose, request.story_id, self.name, instructions, messages
            self._traces.record(Call(*asked, content, outcome, usage, cost, start, end))

        content: str | None = None
        try:
            completion = await self._client.complete(
                *(instructions, messages, shape, request.max_tokens),
                # After a trouble, a single request tests whether it is over.
                retries=RETRIES if self._breaker.is_closed else 0,
                listener=listener,
            )
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

    def _estimate(self, request: _Request, shape: type[Shape]) -> Estimate:
        dialect = self._client.dialect
        prompt = dialect.prompt_tokens(request.instructions, request.messages, shape)
        return Estimate(
            most=Usage(prompt, dialect.tokens(request.max_tokens)),
            expected=Usage(prompt, request.max_tokens),
        )

    async def _failed(self, error: ModelError) -> None:
        log.warning("The call to the model failed (%s): %s", error.outcome, error)
        if self._breaker.failed(error):
            await self._tell(error)

    async def _answered(self) -> None:
        self._breaker.answered()
        if self._told:
            async with self._pool.acquire() as connection, connection.transaction():
                await self._operator.clear(connection, ALERT)
            self._told = False

    async def _tell(self, error: ModelError) -> None:
        detail = (
            f"The language model is unavailable: {str(error).rstrip('.')}. "
            f"{WHAT_TO_DO[error.outcome]} Until then summaries are excerpts."
        )
        async with self._pool.acquire() as connection, connection.transaction():
            await self._operator.tell(connection, ALERT, detail)
        self._told = True
