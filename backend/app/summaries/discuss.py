"""The other half of the third stage: what commenters say, once for everybody."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.database.connection import OUTAGES, Pool
from app.hackernews.discussion_store import comments_of
from app.hackernews.items import Comment
from app.hackernews.store import best_of_the_day
from app.hackernews.together import Tell, in_lanes, nobody
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.settings import Settings
from app.summaries import discussion_store as store
from app.summaries import prompts
from app.summaries.again import UnusableError, due_again
from app.summaries.discussion_store import Made, Wanted
from app.summaries.english import is_english
from app.summaries.faithful import Faithful
from app.summaries.prompts import Claim, DiscussionSummary
from app.summaries.quotes import quote
from app.summaries.refusals import refuses
from app.summaries.store import EXTRACTIVE, LLM

log = logging.getLogger(__name__)

AT_ONCE = 4
LEASE = timedelta(minutes=3)
# Fewer are read as fast as their summary.
LEAST_COMMENTS = 5
MOST_OF_THE_LINE = 240
MOST_OF_A_CLAIM = 280
MOST_CLAIMS = 3


class DiscussionSummariser:
    """Summarises discussions; any number of instances may run."""

    def __init__(self, pool: Pool, settings: Settings, model: LanguageModel) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._model = model

    async def step(self, tell: Tell = nobody) -> int:
        """Summarise what is due. Returns how many were tried; `tell` hears it before."""
        return await in_lanes(AT_ONCE, self._want, self._claim, self._summarise, tell)

    async def _want(self) -> list[int]:
        best = await best_of_the_day(self._pool, self._stories_per_day)
        async with self._pool.acquire() as connection:
            await store.want(connection, best, LEAST_COMMENTS, has_key=self._model.has_key)
        return best

    async def _claim(self, best: list[int], number: int) -> list[Wanted]:
        async with self._pool.acquire() as connection:
            return await store.claim(connection, best, number, LEASE)

    async def _summarise(self, wanted: Wanted) -> None:
        try:
            placed = await comments_of(self._pool, wanted.story_id)
            made = await self._made(wanted, [one.comment for one in placed])
            async with self._pool.acquire() as connection:
                await store.finish(connection, wanted, made)
        except OUTAGES:
            raise
        except Exception:
            # One story's failure stops no other's.
            log.exception("The discussion of story %d cannot be summarised", wanted.story_id)
            due_at = due_again("error", wanted.attempts, datetime.now(UTC))
            async with self._pool.acquire() as connection:
                await store.give_back(connection, wanted, "error", due_at)

    async def _made(self, wanted: Wanted, comments: Sequence[Comment]) -> Made:
        try:
            return await self._by_model(wanted, comments)
        except (ModelError, UnusableError) as error:
            reason = str(error.outcome) if isinstance(error, ModelError) else error.reason
        return Made(
            line=_quotation(comments),
            agreements=(),
            disagreements=(),
            method=EXTRACTIVE,
            reason=reason,
            due_at=due_again(reason, wanted.attempts, datetime.now(UTC)),
        )

    async def _by_model(self, wanted: Wanted, comments: Sequence[Comment]) -> Made:
        message = prompts.comments_message(wanted.title, comments)
        answer = await self._model.ask(
            "discussion",
            prompts.DISCUSSION,
            [message],
            DiscussionSummary,
            most_tokens=prompts.DISCUSSION_TOKENS,
            story_id=wanted.story_id,
        )
        faithful = Faithful(prompts.material(message))
        line = faithful.sentences(answer.line, number=1, characters=MOST_OF_THE_LINE)
        if not line:
            raise UnusableError("unfaithful" if answer.line.strip() else "empty")
        if refuses(line):
            raise UnusableError(Outcome.REFUSED)
        if not is_english(line):
            raise UnusableError("not_english")
        known = {comment.id for comment in comments}
        return Made(
            line=line,
            agreements=_founded(answer.agreements, known, faithful),
            disagreements=_founded(answer.disagreements, known, faithful),
            method=LLM,
            model=self._model.name,
        )


def _founded(claims: Sequence[Claim], known: set[int], faithful: Faithful) -> tuple[Claim, ...]:
    """The claims that rest on comments which were there, without those ids that were not."""
    founded = []
    for claim in claims:
        text = faithful.sentences(claim.text, number=2, characters=MOST_OF_A_CLAIM)
        ids = [one for one in dict.fromkeys(claim.comment_ids) if one in known]
        if text and ids:
            founded.append(Claim(text=text, comment_ids=ids))
    return tuple(founded[:MOST_CLAIMS])


def _quotation(comments: Sequence[Comment]) -> str:
    """What the highest comment that can be quoted says, and who; empty without one."""
    for comment in comments:
        said = quote(comment.text or "", MOST_OF_THE_LINE - 40)
        if said and comment.author:
            return f"{comment.author}: “{said}”"
    return ""
