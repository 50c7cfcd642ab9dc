"""Translates summaries and discussions: one call for each story, style and language in use.

The English texts, which were checked against their source, are translated: that costs less than
reading the source again, and all languages say the same. Excerpts are not translated.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import timedelta

from app.concurrency import Progress, ignore_progress, run_pool
from app.database.connection import Pool
from app.hackernews.store import best_of_the_day
from app.languages import ENGLISH, SUMMARIES
from app.llm.model import LanguageModel
from app.settings import Settings
from app.summaries import prompts
from app.summaries import translation_store as store
from app.summaries.paid_languages import languages_paid_for
from app.summaries.prompts import BASIC, STYLES, Translation
from app.summaries.retry_policy import UnusableError, given_back_on_failure
from app.summaries.translation_check import shown
from app.summaries.translation_store import DISCUSSION, TranslationJob

PURPOSE = "translation"
AT_ONCE = 4
# In addition to the time of a call.
LEASE = timedelta(minutes=1)

# Returns the pairs of style and language that readers use.
InUse = Callable[[], Awaitable[Collection[tuple[str, str]]]]


class Translator:
    """Translates the model's texts; any number of instances may run."""

    def __init__(self, pool: Pool, settings: Settings, model: LanguageModel, in_use: InUse) -> None:
        self._pool = pool
        self._stories_per_day = settings.stories_per_day
        self._paid_for = languages_paid_for(settings)
        self._model = model
        self._in_use = in_use

    async def step(self, progress: Progress = ignore_progress) -> int:
        """Translate what is due. Returns the number of attempts; `progress` receives it."""
        if not self._model.has_key:
            return 0
        pairs = self._wanted(await self._in_use())
        if not pairs:
            return 0
        return await run_pool(
            min(AT_ONCE, self._model.server.concurrency),
            lambda: self._want(pairs),
            self._claim,
            self._translate,
            progress,
        )

    def _wanted(self, in_use: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
        """The parts to translate, each with a language."""
        languages = {
            (style if style in STYLES else BASIC, language)
            for style, language in in_use
            if language in self._paid_for and language != ENGLISH
        }
        return languages | {(DISCUSSION, language) for _, language in languages}

    async def _want(self, pairs: Collection[tuple[str, str]]) -> list[int]:
        best = await best_of_the_day(self._pool, self._stories_per_day)
        async with self._pool.acquire() as connection:
            await store.want(connection, best, pairs)
        return best

    async def _claim(self, best: list[int], number: int) -> list[TranslationJob]:
        async with self._pool.acquire() as connection:
            return await store.claim(connection, best, number, self._model.max_wait + LEASE)

    async def _translate(self, job: TranslationJob) -> None:
        task = f"translate story {job.story_id} into {job.language}"
        async with given_back_on_failure(self._pool, store.give_back, job, job.attempts, task):
            texts = await self._by_model(job)
            async with self._pool.acquire() as connection:
                await store.finish(connection, job, texts, self._model.name)

    async def _by_model(self, job: TranslationJob) -> list[str | None]:
        texts = await translations(self._model, job.originals, job.language, job.story_id)
        if texts[0] is None:
            raise UnusableError("unfaithful")
        return texts


async def translations(
    model: LanguageModel, originals: Sequence[str], language: str, story_id: int | None = None
) -> list[str | None]:
    """Translate English texts with one call; None for each that may not be shown.

    Raises:
        ModelError: the model does not answer.
        UnusableError: it returns more or fewer texts.
    """
    answer = await model.ask(
        PURPOSE,
        prompts.translation_instructions(language, SUMMARIES[language]),
        [prompts.texts_message(originals)],
        Translation,
        max_tokens=prompts.TRANSLATION_TOKENS,
        story_id=story_id,
    )
    if len(answer.texts) != len(originals):
        raise UnusableError("other_number")
    pairs = list(zip(originals, answer.texts, strict=True))
    return await asyncio.to_thread(lambda: [shown(*pair, language) for pair in pairs])
