"""Translated summaries: one call for each story, style and language, and faithful texts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import asdict
from typing import Any

import pytest

from app.database.connection import Pool
from app.digests.candidates import Candidate, load_story
from app.digests.description import describe_story
from app.digests.select import SelectedStory
from app.languages import SUMMARIES
from app.readers.styles import StylesInUse
from app.settings import Settings
from app.summaries.paid_languages import languages_paid_for
from app.summaries.translate import Translator
from app.summaries.translation_check import SCRIPTS, shown
from app.text import language_words
from simulators import llm
from tests.digests.stories import add_reader
from tests.llm.conftest import Make
from tests.summaries.conftest import Newsroom

Pairs = Collection[tuple[str, str]]
UntilDone = Callable[[Any], Awaitable[int]]


def translator(newsroom: Newsroom, model: Any, pairs: Pairs, **settings: Any) -> Translator:
    async def in_use() -> Pairs:
        return pairs

    chosen = newsroom.settings.model_copy(update=settings)
    return Translator(newsroom.pool, chosen, model, in_use)


async def rows(pool: Pool) -> list[Any]:
    return await pool.fetch("SELECT * FROM translations ORDER BY story_id, part, language")


async def story(pool: Pool, story_id: int) -> Candidate:
    async with pool.acquire() as connection:
        found = await load_story(connection, story_id)
    assert found is not None
    return found


async def told(newsroom: Newsroom, make_model: Make, until_done: UntilDone) -> Any:
    """A model, and a story with a summary in two styles and a discussion."""
    model = make_model()
    await newsroom.publish(1)
    await newsroom.discuss(
        1, *(f"The bridge number {n} was too dear for the town." for n in range(6))
    )
    newsroom.styles = {"technical"}
    await until_done(newsroom.summariser(model))
    await until_done(newsroom.discusser(model))
    return model


async def test_one_call_for_each_part_and_language_however_many_read_them(
    newsroom: Newsroom, make_model: Make, simulated: llm.ModelBehaviour, until_done: UntilDone
) -> None:
    model = await told(newsroom, make_model, until_done)
    for chat_id in range(1, 40):
        language = ("en", "de", "es")[chat_id % 3]
        style = ("basic", "technical", "personalised")[chat_id // 3 % 3]
        await add_reader(newsroom.pool, chat_id, language=language, style=style)
    before = len(simulated.requests)
    in_use = StylesInUse(newsroom.pool).with_languages
    stages = [Translator(newsroom.pool, newsroom.settings, model, in_use) for _ in range(3)]
    for stage in stages:
        await until_done(stage)
    parts = [(row["part"], row["language"], row["state"]) for row in await rows(newsroom.pool)]
    assert parts == [
        (part, language, "ready")
        for part in ("basic", "discussion", "technical")
        for language in ("de", "es")
    ]
    assert len(simulated.requests) - before == len(parts)
    spent = await newsroom.pool.fetchval(
        "SELECT count(*) FROM llm_calls WHERE purpose = 'translation' AND cost_usd >= 0"
    )
    assert spent == len(parts)


async def test_a_reader_gets_the_summary_and_the_discussion_in_their_language(
    newsroom: Newsroom, make_model: Make, until_done: UntilDone
) -> None:
    model = await told(newsroom, make_model, until_done)
    await until_done(translator(newsroom, model, {("technical", "de")}))
    english = describe_story(SelectedStory(await story(newsroom.pool, 1), {}), "basic", reads="en")
    german = describe_story(
        SelectedStory(await story(newsroom.pool, 1), {}), "technical", reads="de"
    )
    assert german.sentences.startswith("Das ist der Text")
    assert german.lines and german.lines[0].text.startswith("Das ist der Text")
    assert english.sentences.startswith("The bridge")
    assert len(german.key_points) == len(english.key_points)
    # Who reads what nobody has paid for gets English.
    other = describe_story(SelectedStory(await story(newsroom.pool, 1), {}), "basic", reads="fr")
    assert asdict(other) == asdict(english)


async def test_changed_texts_are_translated_again_and_never_shown_stale(
    newsroom: Newsroom, make_model: Make, until_done: UntilDone
) -> None:
    model = await told(newsroom, make_model, until_done)
    stage = translator(newsroom, model, {("basic", "de")})
    assert await until_done(stage) == 2
    await newsroom.pool.execute(
        "UPDATE summaries SET sentences = 'The town paid 77 dollars for it.' WHERE style = 'basic'"
    )
    stale = (await story(newsroom.pool, 1)).summary("basic", "de")
    assert stale is not None and stale.sentences == "The town paid 77 dollars for it."
    assert await until_done(stage) == 1
    fresh = (await story(newsroom.pool, 1)).summary("basic", "de")
    assert fresh is not None and fresh.sentences == "Das ist der Text, und er ist auf Deutsch: 77."
    assert await until_done(stage) == 0


async def test_without_a_key_excerpts_stay_as_they_are(
    newsroom: Newsroom, make_model: Make, until_done: UntilDone
) -> None:
    model = make_model(openai_api_key=None)
    await newsroom.publish(1)
    await until_done(newsroom.summariser(model))
    assert await until_done(translator(newsroom, model, {("basic", "de")})) == 0
    assert await rows(newsroom.pool) == []
    # An excerpt that was made before there was a key is in its author's words, and stays so.
    assert await until_done(translator(newsroom, make_model(), {("basic", "de")})) == 0
    assert await rows(newsroom.pool) == []


@pytest.mark.parametrize(
    "manner", ["hostile", "empty", "giant", "sorry", "listless", "wrong_types"]
)
async def test_a_bad_translation_is_requested_three_times_at_most(
    newsroom: Newsroom,
    make_model: Make,
    simulated: llm.ModelBehaviour,
    until_done: UntilDone,
    manner: str,
) -> None:
    model = await told(newsroom, make_model, until_done)
    simulated.behaviour = manner
    stage = translator(newsroom, model, {("basic", "de")})
    for _ in range(5):
        await until_done(stage)
        await newsroom.pool.execute(
            "UPDATE translations SET due_at = now() WHERE due_at IS NOT NULL"
        )
    assert {
        (row["state"], row["due_at"], row["attempts"]) for row in await rows(newsroom.pool)
    } == {("pending", None, 3)}
    english = (await story(newsroom.pool, 1)).summary("basic", "de")
    assert english is not None and english.sentences.startswith("The bridge")


async def test_only_configured_languages_are_translated(
    newsroom: Newsroom, make_model: Make, until_done: UntilDone
) -> None:
    model = await told(newsroom, make_model, until_done)
    wanted = {("basic", "de"), ("basic", "fr"), ("basic", "en"), ("basic", "tlh")}
    await until_done(translator(newsroom, model, wanted, summary_languages=frozenset({"en"})))
    assert await rows(newsroom.pool) == []
    await until_done(translator(newsroom, model, wanted, summary_languages=frozenset({"en", "fr"})))
    assert {row["language"] for row in await rows(newsroom.pool)} == {"fr"}


def test_the_interfaces_languages_are_paid_for_unless_the_operator_names_others() -> None:
    def chosen(value: str | None) -> tuple[str, ...]:
        named = {"summary_languages": value} if value else {}
        return languages_paid_for(
            Settings(telegram_bot_token="1:x", database_url="postgresql://x/y", **named)
        )

    assert chosen(None) == ("en", "de", "es")
    assert chosen("fr, JA") == ("en", "fr", "ja")
    assert chosen("all") == tuple(SUMMARIES) and len(SUMMARIES) >= 12
    with pytest.raises(ValueError, match="'xx' must be all, or some of en,de"):
        chosen("de,xx")


def test_every_language_has_frequent_words_or_a_script_of_its_own() -> None:
    known = language_words.words_by_language("language.frequent").keys() | SCRIPTS.keys()
    assert SUMMARIES.keys() - known == set()


@pytest.mark.parametrize("language", [code for code in SUMMARIES if code != "en"])
async def test_every_language_can_be_configured(
    newsroom: Newsroom, make_model: Make, until_done: UntilDone, language: str
) -> None:
    model = await told(newsroom, make_model, until_done)
    await until_done(
        translator(newsroom, model, {("basic", language)}, summary_languages=frozenset(SUMMARIES))
    )
    assert {row["state"] for row in await rows(newsroom.pool)} == {"ready"}


ENGLISH = (
    "The city of Utrecht replaced 1,500 street lamps in 2025. The new lamps need 38 watts instead "
    "of 110, and cost $1.2 million."
)
GERMAN = (
    "Die Stadt Utrecht hat 2025 insgesamt 1.500 Straßenlaternen ersetzt. Die neuen Lampen brauchen "
    "38 statt 110 Watt und kosteten 1,2 Millionen Dollar."
)


TRANSLATED = {
    "de": GERMAN,
    "es": "La ciudad de Utrecht cambió 1.500 farolas en 2025. Las nuevas lámparas necesitan 38 "
    "vatios en lugar de 110 y costaron 1,2 millones de dólares.",
    "fr": "La ville d’Utrecht a remplacé 1 500 lampadaires en 2025. Les nouvelles lampes "
    "consomment 38 watts au lieu de 110 et ont coûté 1,2 million de dollars.",
    "pl": "Miasto Utrecht wymieniło w 2025 roku 1500 latarni. Nowe lampy potrzebują 38 watów "
    "zamiast 110 i kosztowały 1,2 miliona dolarów.",
    "ru": "Город Утрехт заменил в 2025 году 1500 фонарей. Новым лампам нужно 38 ватт вместо 110, а "
    "стоили они 1,2 миллиона долларов.",
    "ja": "ユトレヒト市は2025年に1,500基の街灯を交換した。"
    "新しい街灯は110ワットではなく38ワットで済み、費用は120万ドルだった。",
    "zh": "乌得勒支市在2025年更换了1500盏路灯。新路灯只需38瓦，而不是110瓦，耗资120万美元。",
    "ar": "استبدلت مدينة أوترخت 1500 مصباح شارع في عام 2025. وتحتاج المصابيح الجديدة إلى 38 واط "
    "بدلا من 110، وكلفت 1.2 مليون دولار.",
}


@pytest.mark.parametrize(("language", "translation"), TRANSLATED.items())
def test_a_faithful_translation_is_shown(language: str, translation: str) -> None:
    assert shown(ENGLISH, translation, language) is not None


@pytest.mark.parametrize(
    ("language", "translation"),
    [
        ("de", ENGLISH),
        ("pl", ENGLISH),
        ("ru", ENGLISH),
        ("es", GERMAN),
        ("pl", GERMAN),
        ("de", GERMAN.replace("38", "83")),
        ("de", GERMAN.partition(". ")[0] + "."),
        ("de", GERMAN + " Mehr dazu auf https://evil.example/login."),
        ("de", GERMAN + " Schreib an @evil_support."),
        ("de", GERMAN * 4),
        ("de", "I'm sorry, but I can't assist with that request."),
        ("de", " "),
    ],
)
def test_an_unfaithful_translation_is_not_shown(language: str, translation: str) -> None:
    assert shown(ENGLISH, translation, language) is None
