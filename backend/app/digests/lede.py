"""The lede: two sentences about the day by the model, one per day and language for all readers.

A sentence that the stories do not support is dropped; the model is then asked once more, and the
answer of which more can be shown counts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from app.database.connection import Pool
from app.digests import lede_store as store
from app.digests.candidates import Candidate, has_enough_candidates, load_candidates
from app.digests.lede_store import LedeJob
from app.digests.round import Round
from app.digests.select import select
from app.languages import ENGLISH
from app.llm.model import LanguageModel
from app.llm.outcomes import ModelError, Outcome
from app.readers.tastes import Taste
from app.settings import Settings
from app.summaries import prompts
from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from app.summaries.languages import is_english
from app.summaries.paid_languages import languages_paid_for
from app.summaries.prompts import DayLede
from app.summaries.refusals import refuses
from app.summaries.retry_policy import UnusableError, given_back_on_failure, reason_of
from app.summaries.source_filter import SourceFilter
from app.summaries.translate import translations
from app.text.sentences import joined

log = logging.getLogger(__name__)

PURPOSE = "lede"
DAY = timedelta(hours=24)
LEASE = timedelta(minutes=3)
MAX_STORIES = 12
SENTENCES = 2
MAX_CHARACTERS = 400

# The sentences that can be shown, and the stories that they are about.
Written = tuple[Sequence[str], Sequence[int]]


class LedeWriter:
    """Writes ledes; any number of instances may run."""

    def __init__(self, pool: Pool, settings: Settings, model: LanguageModel) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._model = model
        self._languages = languages_paid_for(settings)

    async def step(self) -> int:
        """Write the ledes that are needed soon. Returns the number of attempts."""
        if not self._model.has_key:
            return 0
        now = datetime.now(UTC)
        async with self._pool.acquire() as connection:
            languages = await store.languages_without(connection, now.date(), self._languages, now)
            if not languages or not await has_enough_candidates(connection, self._stories_per_day):
                return 0
        tried = await self.write([ENGLISH], now)
        async with self._pool.acquire() as connection:
            english = await store.lede_of(connection, now.date(), ENGLISH)
        others = [language for language in languages if language != ENGLISH]
        # Every other language's is a translation of the English one.
        return tried + await self.write(others, now) if english and others else tried

    async def write(self, languages: Sequence[str], now: datetime) -> int:
        """Write today's missing ledes. Returns the number of attempts."""
        async with self._pool.acquire() as connection:
            jobs = await store.claim(connection, now.date(), languages, LEASE)
            candidates = await load_candidates(connection, now, DAY) if jobs else []
        stories = await asyncio.to_thread(_best, candidates, now)
        for job in jobs:
            await self._write(job, stories)
        return len(jobs)

    async def _write(self, job: LedeJob, stories: Sequence[Candidate]) -> None:
        task = f"write the lede of {job.day} in {job.language}"
        # An unusable answer has been paid for: it is requested once more, but not a third time.
        attempts = job.attempts + 1
        async with given_back_on_failure(self._pool, store.give_back, job, attempts, task):
            text, story_ids = await self._made(job, stories)
            async with self._pool.acquire() as connection:
                await store.finish(connection, job, text, story_ids, self._model.name)

    async def _made(self, job: LedeJob, stories: Sequence[Candidate]) -> tuple[str, Sequence[int]]:
        if job.language == ENGLISH:
            sentences, story_ids = await self._by_model(job, stories)
            return joined(sentences), story_ids
        async with self._pool.acquire() as connection:
            english = await store.lede_of(connection, job.day, ENGLISH)
        if english is None:
            raise UnusableError("no_original")
        [text] = await translations(self._model, [english.text], job.language)
        if text is None:
            raise UnusableError("other_language")
        return text, sorted(english.story_ids)

    async def _by_model(self, job: LedeJob, stories: Sequence[Candidate]) -> Written:
        told = {story.id: _prompt_text(story) for story in stories}
        written = await self._asked(told, again=job.attempts > 1)
        if len(written[0]) == SENTENCES or job.attempts > 1:
            return written
        try:
            second = await self._asked(told, again=True)
        except (ModelError, UnusableError) as error:
            log.info("The lede of %s is short: %s", job.day, reason_of(error))
            return written
        return max((written, second), key=lambda one: len(one[0]))

    async def _asked(self, told: Mapping[int, str], *, again: bool) -> Written:
        instructions = prompts.lede_instructions(again=again)
        answer = await self._model.ask(
            PURPOSE,
            instructions,
            [prompts.day_message(told)],
            DayLede,
            max_tokens=prompts.LEDE_TOKENS,
        )
        if not answer.lede.strip():
            raise UnusableError("empty")
        if refuses(answer.lede.strip()):
            raise UnusableError(Outcome.REFUSED)
        if not is_english(answer.lede):
            raise UnusableError("other_language")
        story_ids = [one for one in dict.fromkeys(answer.story_ids) if one in told]
        if not story_ids:
            raise UnusableError("no_source")
        sentences = await asyncio.to_thread(_supported, answer.lede, told, story_ids, instructions)
        if not sentences:
            raise UnusableError("unfaithful")
        return sentences, story_ids


def _supported(
    lede: str,
    told: Mapping[int, str],
    story_ids: Sequence[int],
    instructions: str,
) -> list[str]:
    """The sentences of a lede that the stories which it names support."""
    faithful = SourceFilter("\n".join(told.values()), contacts="")
    checked = SentenceFilter([SourcePart(one) for one in told.values()], "", instructions)
    cited = {place for place, story_id in enumerate(told) if story_id in story_ids}
    sentences = checked.kept(faithful.allowed(lede)[:SENTENCES], cited=cited)
    while len(joined(sentences)) > MAX_CHARACTERS:
        sentences.pop()
    return sentences


def _best(candidates: Sequence[Candidate], now: datetime) -> list[Candidate]:
    """The stories that a reader without interests would get."""
    chosen = select(Round(candidates, now, DAY), Taste(), (), minimum_points=0, count=MAX_STORIES)
    return [one.candidate for one in chosen]


def _prompt_text(story: Candidate) -> str:
    """A story's text in the prompt."""
    summary = story.summary("basic")
    line = story.discussion.line if story.discussion else None
    parts = story.title, summary.sentences if summary else "", line or ""
    return "\n".join(filter(None, parts))
