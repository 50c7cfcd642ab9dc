"""The third stage: summarises the best stories in each style in use, once for all readers.

The model writes the summary if possible; otherwise it is an excerpt. Excerpts are replaced by
summaries when the model is available again.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from app.articles import judgements
from app.articles.judgements import kind_of
from app.articles.read import ArticleText, fingerprint_of
from app.concurrency import Progress, ignore_progress, run_pool
from app.database.connection import Pool
from app.hackernews.discussion_store import comments_of
from app.hackernews.store import best_of_the_day
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.settings import Settings
from app.summaries import prompts, store
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.extractive import MAX_CHARACTERS, SENTENCES, summarise
from app.summaries.languages import is_english
from app.summaries.prompts import BASIC, STYLES, ArticleSummary, StorySummary
from app.summaries.refusals import refuses
from app.summaries.retry_policy import (
    UnusableError,
    given_back_on_failure,
    next_attempt_at,
    reason_of,
)
from app.summaries.source_filter import SourceFilter
from app.summaries.store import SummaryJob, SummaryResult
from app.text.html import plain_text
from app.text.sentences import whole
from app.text.words import count_words

AT_ONCE = 8
# In addition to the time of a call.
LEASE = timedelta(minutes=1)
# A shorter text adds nothing to the title, and may be a cookie notice.
MIN_WORDS = 40
MAX_COMMENTS = 20
# Longer than any prompt and the part used for excerpts.
MAX_OF_THE_SOURCE = 100_000
# A model's summary with fewer remaining words is worse than an excerpt.
MIN_WORDS_OF_A_SUMMARY = 6
MAX_POINTS, MAX_POINTS_READ = 6, 12
MAX_OF_A_POINT = 240
MAX_TOPICS = 5
_TOPIC = re.compile(r"[\w+#./ -]{2,40}")

FindStyles = Callable[[], Awaitable[Set[str]]]


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text to summarise; `basis` is article, hn_text, discussion or none."""

    text: str
    basis: str
    comments: tuple[SourcePart, ...] = ()

    @property
    def parts(self) -> list[SourcePart]:
        """The text by voice: the comments, or the article."""
        return list(self.comments) or [SourcePart(self.text)]

    @property
    def enough(self) -> bool:
        return count_words(self.text) >= MIN_WORDS


class Summariser:
    """Summarises stories; any number of instances may run."""

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        model: LanguageModel,
        article_text: ArticleText,
        styles_in_use: FindStyles,
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._model = model
        self._article_text = article_text
        self._styles_in_use = styles_in_use

    async def step(self, progress: Progress = ignore_progress) -> int:
        """Make summaries until none is due; `progress` receives the running count.

        Returns:
            The number of attempts.
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
        styles = await self._styles()
        async with self._pool.acquire() as connection:
            await judgements.apply(connection, self._model.name)
            await store.want(connection, best, styles, has_key=self._model.has_key)
        return best

    async def _claim(self, best: list[int], number: int) -> list[SummaryJob]:
        async with self._pool.acquire() as connection:
            return await store.claim(connection, best, number, self._model.max_wait + LEASE)

    async def _styles(self) -> list[str]:
        """The styles in use, always with the basic one, which excerpts have."""
        if not self._model.has_key:
            return [BASIC]
        in_use = await self._styles_in_use()
        return [style for style in STYLES if style == BASIC or style in in_use]

    async def _summarise(self, wanted: SummaryJob) -> None:
        task = f"summarise story {wanted.story_id}"
        async with given_back_on_failure(
            self._pool, store.give_back, wanted, wanted.attempts, task
        ):
            made = await self._made(wanted, await self._source(wanted))
            async with self._pool.acquire() as connection:
                await store.finish(connection, wanted, made)

    async def _made(self, wanted: SummaryJob, source: SourceText) -> SummaryResult:
        """The best summary that is possible now.

        Raises:
            ModelError, UnusableError: there is none in this style; its readers get the basic one.
        """
        if not source.enough:
            return _too_short(wanted, source)
        try:
            return await self._by_model(wanted, source)
        except (ModelError, UnusableError) as error:
            if wanted.style != BASIC:
                raise
            reason = reason_of(error)
        faithful = _faithful(wanted, source)
        excerpt = ""
        if source.basis != "discussion":
            excerpt = await asyncio.to_thread(
                summarise, source.text, faithful.allows, title=wanted.title
            )
        return SummaryResult(
            sentences=excerpt,
            key_points=(),
            topics=(),
            method=store.EXTRACTIVE,
            basis=source.basis if excerpt else "none",
            reason=reason,
            due_at=next_attempt_at(reason, wanted.attempts, datetime.now(UTC)),
        )

    async def _by_model(self, wanted: SummaryJob, source: SourceText) -> SummaryResult:
        instructions = prompts.summary_instructions(wanted.style, source.basis)
        answer = await self._model.ask(
            "summary",
            instructions,
            [prompts.story_message(wanted.title, source.text)],
            prompts.summary_shape(wanted.style, source.basis),
            max_tokens=prompts.SUMMARY_TOKENS,
            story_id=wanted.story_id,
        )
        if isinstance(answer, ArticleSummary):
            await self._judge(wanted, source.text, kind_of(answer.page, wanted.title))
        _usable(answer.summary)
        sentences, points = await asyncio.to_thread(_supported, wanted, source, answer)
        topics = (topic.strip().lower() for topic in answer.topics)
        return SummaryResult(
            sentences=sentences,
            key_points=tuple(points[:MAX_POINTS]),
            topics=tuple(topic for topic in topics if _TOPIC.fullmatch(topic))[:MAX_TOPICS],
            method=store.LLM,
            basis=source.basis,
            model=self._model.name,
        )

    async def _judge(self, wanted: SummaryJob, text: str, kind: str) -> None:
        """Note what the model says of a page's text; `store.finish` discards what it made of a text
        that is then no longer the article.
        """
        async with self._pool.acquire() as connection, connection.transaction():
            await judgements.record(
                *(connection, wanted.story_id, fingerprint_of(text), kind, self._model.name),
                certain=judgements.is_certain(text),
            )
            await judgements.apply(connection, self._model.name)

    async def _source(self, wanted: SummaryJob) -> SourceText:
        """The text to summarise: the article, else the post's own text, else the comments."""
        found = SourceText("", "none")
        if wanted.article_state == "read":
            found = SourceText(await self._article_text(wanted.story_id) or "", "article")
        if not found.enough and wanted.text:
            found = SourceText(plain_text(wanted.text), "hn_text")
        if not found.enough and wanted.url:
            placed = (await comments_of(self._pool, wanted.story_id))[:MAX_COMMENTS]
            parts = tuple(
                SourcePart(plain_text(one.comment.text), one.comment.author or "")
                for one in placed
                if one.comment.text
            )
            text = "\n\n".join(part.text for part in parts)
            of_comments = SourceText(text, "discussion", parts)
            found = of_comments if of_comments.enough else found
        return found


def _usable(summary: str) -> None:
    """Raise `UnusableError` for a summary that is unusable as a whole."""
    if not summary.strip():
        raise UnusableError("empty")
    if refuses(summary.strip()):
        raise UnusableError(Outcome.REFUSED)
    if not is_english(summary):
        raise UnusableError("not_english")


def _supported(
    wanted: SummaryJob, source: SourceText, answer: StorySummary
) -> tuple[str, list[str]]:
    """The parts of the summary and the key points that the source supports."""
    faithful = _faithful(wanted, source)
    shown = [SourcePart(prompts.shown_of(part.text), part.author) for part in source.parts]
    told = prompts.summary_instructions(wanted.style, source.basis)
    checked = SentenceFilter(shown, wanted.title, told)
    kept = checked.kept(faithful.allowed(answer.summary))
    sentences = whole(kept[:SENTENCES], MAX_CHARACTERS)
    if count_words(sentences) < MIN_WORDS_OF_A_SUMMARY:
        raise UnusableError("unfaithful")
    points = [faithful.allowed(point)[:1] for point in answer.key_points[:MAX_POINTS_READ]]
    return sentences, [
        point
        for point in checked.kept(one for found in points for one in found)
        if len(point) <= MAX_OF_A_POINT
    ]


def _too_short(wanted: SummaryJob, source: SourceText) -> SummaryResult:
    """The post's own text is quoted at any length; otherwise there is no summary."""
    gone = wanted.article_state == "read" and not source.text
    sentences = ""
    if source.basis == "hn_text":
        sentences = _faithful(wanted, source).sentences(
            source.text, number=SENTENCES, characters=MAX_CHARACTERS
        )
    return SummaryResult(
        sentences=sentences,
        key_points=(),
        topics=(),
        method=store.EXTRACTIVE,
        basis=source.basis if sentences else "none",
        reason=store.TEXT_GONE if gone else store.TOO_SHORT,
    )


def _faithful(wanted: SummaryJob, source: SourceText) -> SourceFilter:
    host = (urlsplit(wanted.url or "").hostname or "").removeprefix("www.")
    beginning, end = source.text[:MAX_OF_THE_SOURCE], source.text[-prompts.MAX_OF_THE_END :]
    contacts = "" if source.basis == "discussion" else None
    return SourceFilter(f"{wanted.title}\n{beginning}\n{end}", host or None, contacts)
