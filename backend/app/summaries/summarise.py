"""The third stage: the best stories get a summary in each style that is read, once for everybody.

The model writes it where it can; else it is taken out of the text. Excerpts become summaries later,
when the model answers again.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from app.articles.words import count_words
from app.database.connection import OUTAGES, Pool
from app.hackernews.discussion_store import comments_of
from app.hackernews.markup import plain_text
from app.hackernews.store import best_of_the_day
from app.hackernews.together import Tell, in_lanes, nobody
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.settings import Settings
from app.summaries import prompts, store
from app.summaries.again import UnusableError, due_again
from app.summaries.english import is_english
from app.summaries.extractive import MOST_CHARACTERS, SENTENCES, summarise
from app.summaries.faithful import Faithful
from app.summaries.prompts import STYLES, StorySummary
from app.summaries.refusals import refuses
from app.summaries.store import Made, Wanted

log = logging.getLogger(__name__)

AT_ONCE = 8
LEASE = timedelta(minutes=3)
BASIC = "basic"
# Less says nothing that the title does not say, and what is there may be a cookie notice.
LEAST_WORDS = 40
MOST_COMMENTS = 20
# More than the model is given, or an excerpt taken from.
MOST_OF_THE_SOURCE = 100_000
MOST_POINTS = 6
MOST_OF_A_POINT = 240
MOST_TOPICS = 5
_TOPIC = re.compile(r"[\w+#./ -]{2,40}")

ArticleText = Callable[[int], Awaitable[str | None]]
StylesInUse = Callable[[], Awaitable[Set[str]]]


@dataclass(frozen=True, slots=True)
class Source:
    """The text that a summary is made from; `basis` is article, hn_text, discussion or none."""

    text: str
    basis: str

    @property
    def enough(self) -> bool:
        return count_words(self.text) >= LEAST_WORDS


class Summariser:
    """Summarises stories; any number of instances may run."""

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        model: LanguageModel,
        article_text: ArticleText,
        styles_in_use: StylesInUse,
    ) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._model = model
        self._article_text = article_text
        self._styles_in_use = styles_in_use

    async def step(self, tell: Tell = nobody) -> int:
        """Make summaries until none is due. Returns how many were tried; `tell` hears it before."""
        return await in_lanes(AT_ONCE, self._want, self._claim, self._summarise, tell)

    async def _want(self) -> list[int]:
        best = await best_of_the_day(self._pool, self._stories_per_day)
        styles = await self._styles()
        async with self._pool.acquire() as connection:
            await store.want(connection, best, styles, has_key=self._model.has_key)
        return best

    async def _claim(self, best: list[int], number: int) -> list[Wanted]:
        async with self._pool.acquire() as connection:
            return await store.claim(connection, best, number, LEASE)

    async def _styles(self) -> list[str]:
        """Only what somebody reads, and always the basic one; an excerpt has no style."""
        if not self._model.has_key:
            return [BASIC]
        in_use = await self._styles_in_use()
        return [style for style in STYLES if style == BASIC or style in in_use]

    async def _summarise(self, wanted: Wanted) -> None:
        try:
            source = await self._source(wanted)
            made = await self._made(wanted, source)
            if made is not None:
                async with self._pool.acquire() as connection:
                    await store.finish(connection, wanted, made)
        except OUTAGES:
            raise
        except Exception:
            # One story's failure stops no other's.
            log.exception("Story %d cannot be summarised", wanted.story_id)
            await self._postpone(wanted, "error")

    async def _made(self, wanted: Wanted, source: Source) -> Made | None:
        """The best summary that can be had now; None when there is one that is as good."""
        if not source.enough:
            return _too_short(wanted, source)
        try:
            return await self._by_model(wanted, source)
        except (ModelError, UnusableError) as error:
            reason = str(error.outcome) if isinstance(error, ModelError) else error.reason
        if wanted.style != BASIC:
            # Readers of other styles get the basic one meanwhile.
            await self._postpone(wanted, reason)
            return None
        faithful = _faithful(wanted, source)
        excerpt = ""
        if source.basis != "discussion":
            excerpt = await asyncio.to_thread(summarise, source.text, faithful.allows)
        return Made(
            sentences=excerpt,
            key_points=(),
            topics=(),
            method=store.EXTRACTIVE,
            basis=source.basis if excerpt else "none",
            reason=reason,
            due_at=due_again(reason, wanted.attempts, datetime.now(UTC)),
        )

    async def _by_model(self, wanted: Wanted, source: Source) -> Made:
        answer = await self._model.ask(
            "summary",
            prompts.summary_instructions(wanted.style, source.basis),
            [prompts.story_message(wanted.title, source.text)],
            StorySummary,
            most_tokens=prompts.SUMMARY_TOKENS,
            story_id=wanted.story_id,
        )
        faithful = _faithful(wanted, source)
        sentences = faithful.sentences(answer.summary, number=SENTENCES, characters=MOST_CHARACTERS)
        if not sentences:
            raise UnusableError("unfaithful" if answer.summary.strip() else "empty")
        if refuses(sentences):
            raise UnusableError(Outcome.REFUSED)
        if not is_english(sentences):
            raise UnusableError("not_english")
        points = (
            faithful.sentences(point, number=1, characters=MOST_OF_A_POINT)
            for point in answer.key_points
        )
        topics = (topic.strip().lower() for topic in answer.topics)
        return Made(
            sentences=sentences,
            key_points=tuple(point for point in points if point)[:MOST_POINTS],
            topics=tuple(topic for topic in topics if _TOPIC.fullmatch(topic))[:MOST_TOPICS],
            method=store.LLM,
            basis=source.basis,
            model=self._model.name,
        )

    async def _postpone(self, wanted: Wanted, reason: str) -> None:
        due_at = due_again(reason, wanted.attempts, datetime.now(UTC))
        async with self._pool.acquire() as connection:
            await store.give_back(connection, wanted, reason, due_at)

    async def _source(self, wanted: Wanted) -> Source:
        """What there is to summarise: the article, else HN's own text, else the comments."""
        found = Source("", "none")
        if wanted.article_state == "read":
            found = Source(await self._article_text(wanted.story_id) or "", "article")
        if not found.enough and wanted.text:
            found = Source(plain_text(wanted.text), "hn_text")
        if not found.enough and wanted.url:
            placed = (await comments_of(self._pool, wanted.story_id))[:MOST_COMMENTS]
            texts = [plain_text(one.comment.text) for one in placed if one.comment.text]
            of_comments = Source("\n\n".join(texts), "discussion")
            found = of_comments if of_comments.enough else found
        return found


def _too_short(wanted: Wanted, source: Source) -> Made:
    """HN's own text is quoted, however short; otherwise there is nothing to say."""
    sentences = ""
    if source.basis == "hn_text":
        sentences = _faithful(wanted, source).sentences(
            source.text, number=SENTENCES, characters=MOST_CHARACTERS
        )
    return Made(
        sentences=sentences,
        key_points=(),
        topics=(),
        method=store.EXTRACTIVE,
        basis=source.basis if sentences else "none",
        reason=store.TOO_SHORT,
    )


def _faithful(wanted: Wanted, source: Source) -> Faithful:
    host = (urlsplit(wanted.url or "").hostname or "").removeprefix("www.")
    beginning, end = source.text[:MOST_OF_THE_SOURCE], source.text[-prompts.MOST_OF_THE_END :]
    return Faithful(f"{wanted.title}\n{beginning}\n{end}", host or None)
