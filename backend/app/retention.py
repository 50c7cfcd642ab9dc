"""What is deleted, and after which time.

Stories, their summaries, and readers' settings, saved stories and opinions are kept for ever. They
do not grow with every digest, and they ensure that no story is sent twice: a story is chosen in
the days after it was first seen or rose, and rises only within a year, so its row alone keeps it
from being sent again after the digests that contained it are deleted.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from app.conversations import question_counts
from app.conversations import store as conversations
from app.database.aging import BATCH, HISTORY
from app.database.connection import Connection, Pool
from app.digests import lede_store
from app.digests import store as digests
from app.hackernews.discussion_store import forget_discussions
from app.hackernews.reply_store import forget_replies
from app.llm import store as llm
from app.readers import follows, hn_names
from app.telegram.exports import jobs as export_jobs
from app.telegram.receive import inbox, maintenance
from app.telegram.send import transitions

log = logging.getLogger(__name__)

# Between two batches, so that other work is not delayed.
PAUSE_SECONDS = 0.05

# Deletes rows older than the age, about as many as the number. Returns how many it deleted.
Forget = Callable[[Connection, timedelta, int], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Rule:
    """The age from which a kind of row is deleted."""

    what: str
    age: timedelta
    forget: Forget


RULES = (
    # Telegram may deliver an unconfirmed update again for 24 hours, so handled ones are kept
    # longer.
    Rule("handled updates", timedelta(days=3), inbox.forget_handled),
    # The operator was told, and the sender no longer waits.
    Rule("dead letters", timedelta(days=90), inbox.forget_dead_letters),
    # Far longer than the time between two notices.
    Rule("notices of maintenance", timedelta(days=1), maintenance.forget_notices),
    Rule("messages", timedelta(days=7), transitions.delete_finished),
    # Except those of saved stories, which questions may still be about.
    Rule("comments", timedelta(days=90), forget_discussions),
    Rule("conversations", conversations.REMEMBERED, conversations.forget_conversations),
    Rule("questions", HISTORY, conversations.forget_questions),
    Rule("counts of questions", timedelta(days=2), question_counts.forget_counts),
    # At most one per reader and day is accepted.
    Rule("requests for files", timedelta(days=7), export_jobs.forget),
    Rule("digests", HISTORY, digests.forget_digests),
    Rule("ledes", timedelta(days=30), lede_store.forget_ledes),
    Rule("followed stories", follows.FOLLOWED_FOR, follows.forget_follows),
    # Comments older than two weeks get no replies.
    Rule("replies", timedelta(days=30), forget_replies),
    Rule("replies that were told", timedelta(days=30), hn_names.delete_old_replies),
    # Budgets need those of the last month.
    Rule("calls of the model", HISTORY, llm.forget_calls),
)


class Retention:
    """Deletes old rows in batches; any number of instances may run."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def step(self) -> int:
        """Delete everything that is too old. Returns 0: no more work for a while."""
        for rule in RULES:
            total = 0
            while forgotten := await self._forget(rule):
                total += forgotten
                await asyncio.sleep(PAUSE_SECONDS)
            if total:
                log.info("Deleted %d %s older than %d days", total, rule.what, rule.age.days)
        return 0

    async def _forget(self, rule: Rule) -> int:
        async with self._pool.acquire() as connection, connection.transaction():
            return await rule.forget(connection, rule.age, BATCH)
