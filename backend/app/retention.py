"""What is kept and for how long: the one place that decides it.

Stories, their summaries and what people set, save or think of stories stay for good. They do not
grow with every digest, and they are what "never the same story again" rests on: a story is chosen
in the days after it was first seen, so its row alone keeps it from coming back when the digests
that brought it are forgotten.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.conversations import store as conversations
from app.database.aging import BATCH, HISTORY
from app.database.connection import Connection, Pool
from app.digests import store as digests
from app.hackernews.discussion_store import forget_discussions
from app.llm import store as llm
from app.telegram import inbox, outbox_claims

log = logging.getLogger(__name__)

# Between two batches, for everybody else.
PAUSE_SECONDS = 0.05

# Deletes about so many of the rows that are older than the age. Returns how many it found.
Forget = Callable[[Connection, timedelta, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forgotten at which age."""

    what: str
    age: timedelta
    forget: Forget


RULES = (
    # Telegram keeps an unconfirmed update for 24 hours and may deliver it again until then, so a
    # handled one is remembered for longer than that.
    Rule("handled updates", timedelta(days=3), inbox.forget_handled),
    # The operator was told; by now whoever sent it does not wait any more.
    Rule("parked updates", timedelta(days=90), inbox.forget_parked),
    Rule("messages", timedelta(days=7), outbox_claims.forget_over),
    # But for those of saved stories: questions about a story are answered from them.
    Rule("comments", timedelta(days=90), forget_discussions),
    Rule("conversations", conversations.REMEMBERED, conversations.forget_conversations),
    Rule("questions", HISTORY, conversations.forget_questions),
    Rule("digests", HISTORY, digests.forget_digests),
    # Budgets need a month of them.
    Rule("calls of the model", HISTORY, llm.forget_calls),
)


class Retention:
    """Forgets what is too old; several instances may, each a batch of its own."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def step(self) -> int:
        """Forget everything that is too old by now. Returns 0: there is nothing more to do."""
        for rule in RULES:
            total = 0
            while forgotten := await self._forget(rule):
                total += forgotten
                await asyncio.sleep(PAUSE_SECONDS)
            if total:
                log.info("Forgot %d %s older than %d days", total, rule.what, rule.age.days)
        return 0

    async def _forget(self, rule: Rule) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            return await rule.forget(connection, rule.age, BATCH)
