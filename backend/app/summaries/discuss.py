"""The third stage for discussions: summarises what commenters say, once for all readers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.concurrency import Progress, ignore_progress, run_pool
from app.database.connection import Pool
from app.hackernews.discussion_store import PlacedComment, comments_of
from app.hackernews.items import Comment
from app.hackernews.store import Wanted, best_of_the_day, no_stories
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.llm.truncation import PromptMessage
from app.settings import Settings
from app.summaries import discussion_store as store
from app.summaries import prompts
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.comment_selection import select_comments
from app.summaries.discussion_store import DiscussionJob, DiscussionResult
from app.summaries.languages import is_english
from app.summaries.prompts import Claim, DiscussionSummary
from app.summaries.refusals import refuses
from app.summaries.retry_policy import (
    UnusableError,
    given_back_on_failure,
    next_attempt_at,
    reason_of,
)
from app.summaries.source_filter import SourceFilter
from app.summaries.store import EXTRACTIVE, LLM
from app.text.html import plain_text
from app.text.sentences import cut, whole

AT_ONCE = 4
# In addition to the time of a call.
LEASE = timedelta(minutes=1)
# Fewer comments are quoted instead, and only if the page was not read.
MIN_COMMENTS = 5
MAX_OF_THE_LINE = 240
MAX_OF_A_CLAIM = 280
MAX_CLAIMS, MAX_CLAIMS_READ = 3, 8


class DiscussionSummariser:
    """Summarises discussions; any number of instances may run.

    `followed` returns stories whose discussions are summarised at any age.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        model: LanguageModel,
        followed: Wanted = no_stories,
    ) -> None:
        self._pool = pool
        self._followed = followed
        self._stories_per_day = settings.stories_per_day
        self._model = model

    async def step(self, progress: Progress = ignore_progress) -> int:
        """Summarise what is due. Returns the number of attempts; `progress` receives the running
        count.
        """
        return await run_pool(
            min(AT_ONCE, self._model.server.concurrency),
            self._want,
            self._claim,
            self._summarise,
            progress,
        )

    async def _want(self) -> list[int]:
        best = await best_of_the_day(self._pool, self._stories_per_day)
        best = list(dict.fromkeys([*best, *await self._followed()]))
        async with self._pool.acquire() as connection:
            await store.want(connection, best, MIN_COMMENTS, has_key=self._model.has_key)
        return best

    async def _claim(self, best: list[int], number: int) -> list[DiscussionJob]:
        async with self._pool.acquire() as connection:
            return await store.claim(connection, best, number, self._model.max_wait + LEASE)

    async def _summarise(self, wanted: DiscussionJob) -> None:
        task = f"summarise the discussion of story {wanted.story_id}"
        async with given_back_on_failure(
            self._pool, store.give_back, wanted, wanted.attempts, task
        ):
            placed = await comments_of(self._pool, wanted.story_id)
            made = await self._made(wanted, placed)
            async with self._pool.acquire() as connection:
                await store.finish(connection, wanted, made)

    async def _made(
        self, wanted: DiscussionJob, placed: Sequence[PlacedComment]
    ) -> DiscussionResult:
        if len(placed) < MIN_COMMENTS:
            return _quoted(placed, store.TOO_FEW_COMMENTS, None)
        try:
            return await self._by_model(wanted, [one.comment for one in placed])
        except (ModelError, UnusableError) as error:
            reason = reason_of(error)
        due_at = next_attempt_at(reason, wanted.attempts, datetime.now(UTC))
        return _quoted(placed, reason, due_at)

    async def _by_model(
        self, wanted: DiscussionJob, comments: Sequence[Comment]
    ) -> DiscussionResult:
        message = prompts.comments_message(wanted.title, comments)
        answer = await self._model.ask(
            "discussion",
            prompts.DISCUSSION,
            [message],
            DiscussionSummary,
            max_tokens=prompts.DISCUSSION_TOKENS,
            story_id=wanted.story_id,
        )
        if not answer.line.strip():
            raise UnusableError("empty")
        if refuses(answer.line.strip()):
            raise UnusableError(Outcome.REFUSED)
        if not is_english(answer.line):
            raise UnusableError("not_english")
        line, agreements, disagreements = await asyncio.to_thread(
            _supported, wanted.title, comments, message, answer
        )
        if not line:
            raise UnusableError("unfaithful")
        return DiscussionResult(
            line=line,
            agreements=agreements,
            disagreements=disagreements,
            method=LLM,
            model=self._model.name,
        )


Claims = tuple[Claim, ...]


def _supported(
    title: str, comments: Sequence[Comment], message: PromptMessage, answer: DiscussionSummary
) -> tuple[str, Claims, Claims]:
    """The parts of a summary that the comments support: its line, and the claims."""
    faithful = SourceFilter(prompts.material(message), contacts="")
    places = {comment.id: place for place, comment in enumerate(comments)}
    parts = [
        SourcePart(
            cut(plain_text(one.text or ""), prompts.MAX_OF_A_COMMENT),
            one.author or "",
            places.get(one.parent_id),
        )
        for one in comments
    ]
    checked = SentenceFilter(parts, title, prompts.DISCUSSION)
    line = whole(checked.kept(faithful.allowed(answer.line))[:1], MAX_OF_THE_LINE)
    told: list[str] = []

    def founded(claims: Sequence[Claim]) -> Claims:
        found = []
        for claim in claims[:MAX_CLAIMS_READ]:
            ids = [one for one in dict.fromkeys(claim.comment_ids) if one in places]
            cited = {places[one] for one in ids}
            sentences = checked.kept(faithful.allowed(claim.text)[:2], cited=cited, before=told)
            text = whole(sentences, MAX_OF_A_CLAIM)
            if text and ids:
                found.append(Claim(text=text, comment_ids=ids))
                told.extend(sentences)
        return tuple(found[:MAX_CLAIMS])

    return line, founded(answer.agreements), founded(answer.disagreements)


def _quoted(
    placed: Sequence[PlacedComment], reason: str, due_at: datetime | None
) -> DiscussionResult:
    """A discussion represented by a few quoted comments."""
    voices = select_comments(placed)
    return DiscussionResult(
        line=voices[0].line if voices else "",
        agreements=(),
        disagreements=(),
        voices=tuple(Claim(text=one.line, comment_ids=[one.comment_id]) for one in voices),
        method=EXTRACTIVE,
        reason=reason,
        due_at=due_at,
    )
