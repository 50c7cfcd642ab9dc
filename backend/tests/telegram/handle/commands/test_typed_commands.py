"""Commands that are typed without a slash, in each language, and what only looks like one."""

from __future__ import annotations

import pytest

from app.wording import LANGUAGES, text
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import Said, Talk
from tests.telegram.handle.commands.test_stories import digest

STORIES = 7


@pytest.fixture
async def titles(talk_with_model: Talk) -> dict[int, int]:
    """The ids of stories by their number in the digest that readers get."""
    known = [candidate(f"Story {n}", points=200 - n, sentences="All.") for n in range(STORIES)]
    await add_stories(talk_with_model.pool, *known)
    await talk_with_model.pool.execute(
        "UPDATE stories SET first_seen_at = now(), posted_at = now()"
    )
    return {number: one.id for number, one in enumerate(known, 1)}


async def with_digest(talk: Talk, language: str = "en", *, asks_about: int = 0) -> None:
    """A reader who has had a digest, and maybe is asking about a story."""
    reader = await talk.onboarded(language=language, story_count=STORIES)
    await digest(talk, reader)
    if asks_about:
        await talk.press_data(f"ask:{asks_about}")


async def rows(talk: Talk, table: str, column: str = "story_id") -> list[object]:
    return [row[0] for row in await talk.pool.fetch(f"SELECT {column} FROM {table} ORDER BY 1")]


def text_of(said: list[Said]) -> str:
    assert len(said) == 1, said
    return said[0].text


@pytest.mark.parametrize("asking", [False, True])
@pytest.mark.parametrize(
    ("language", "typed"),
    [
        *[("en", typed) for typed in ("save 2", "Save story 2!", "bookmark #2", "please save 2")],
        *[("de", typed) for typed in ("merken 2", "Merke 2", "Geschichte 2 merken", "speichern 2")],
        *[("es", typed) for typed in ("guardar 2", "Guarda la 2", "guardar noticia 2")],
    ],
)
async def test_a_story_is_saved_by_its_number(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str, asking: bool
) -> None:
    talk = talk_with_model
    await with_digest(talk, language, asks_about=titles[1] if asking else 0)
    for _ in range(2):  # saved stays saved
        said = text_of(await talk.say(typed))
        assert "Story 1" in said and "/saved" in said
    assert await rows(talk, "saved_stories") == [titles[2]]
    assert await rows(talk, "questions") == []


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        *[("en", typed) for typed in ("follow 3", "Follow #3", "follow story 3")],
        *[("de", typed) for typed in ("folgen 3", "Folge 3", "Geschichte 3 folgen")],
        *[("es", typed) for typed in ("seguir 3", "sigue la 3")],
    ],
)
async def test_a_story_is_followed_by_its_number(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str
) -> None:
    await with_digest(talk_with_model, language)
    for _ in range(2):
        said = text_of(await talk_with_model.say(typed))
        assert "Story 2" in said and "/following" in said
    assert await rows(talk_with_model, "followed_stories") == [titles[3]]


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "why 2"), ("en", "Why 2?"), ("de", "warum 2"), ("es", "¿por qué 2?")],
)
async def test_a_choice_is_explained_by_its_number(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str
) -> None:
    await with_digest(talk_with_model, language, asks_about=titles[1])
    said = text_of(await talk_with_model.say(typed))
    assert said.startswith(text("why.heading", language, title="Story 1"))
    assert await rows(talk_with_model, "questions") == []


@pytest.mark.parametrize("asking", [False, True])
@pytest.mark.parametrize(
    ("language", "typed"),
    [
        *[("en", typed) for typed in ("2", "#2", "2.", "number 2", "open 2", "show me 2", "2 pls")],
        *[
            ("de", typed)
            for typed in ("2", "Nummer 2", "Nr. 2", "öffne 2", "zeig mir 2", "2 bitte")
        ],
        *[("es", typed) for typed in ("2", "la 2", "número 2", "abrir 2", "abre la 2")],
    ],
)
async def test_a_number_opens_the_card_of_its_story(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str, asking: bool
) -> None:
    talk = talk_with_model
    await with_digest(talk, language, asks_about=titles[1] if asking else 0)
    [card] = await talk.say(typed)
    assert "Story 1" in card.text and f"ask:{titles[2]}" in card.buttons.values()
    assert await rows(talk, "questions") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "typed",
    ["/why 99", "/ask 99", "/save 99", "/follow 99", "99", "why 99", "save 0", "/ask 0", "/why 0"],
)
async def test_a_number_without_a_story_is_said_to_have_none(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str
) -> None:
    await with_digest(talk_with_model, language)
    number = int("".join(filter(str.isdigit, typed)))
    expected = text("numbered.no_such", language, number=number, count=STORIES)
    assert text_of(await talk_with_model.say(typed)) == expected


@pytest.mark.parametrize("typed", ["/why 3", "/save 3", "/follow 3", "3", "save 3"])
async def test_without_a_digest_there_are_no_numbers(talk_with_model: Talk, typed: str) -> None:
    await talk_with_model.onboarded()
    assert text_of(await talk_with_model.say(typed)) == text("numbered.no_digest", "en")


@pytest.mark.parametrize("name", ["save", "follow", "why"])
async def test_a_command_without_a_story_asks_which(talk_with_model: Talk, name: str) -> None:
    await talk_with_model.onboarded()
    said = text_of(await talk_with_model.say(f"/{name}"))
    assert said == text("numbered.which", "en", command=name)


@pytest.mark.parametrize(
    ("language", "typed", "muted"),
    [
        ("en", "mute crypto", ["crypto"]),
        ("en", "Mute crypto, NFTs", ["NFTs", "crypto"]),
        ("de", "Krypto stummschalten", ["Krypto"]),
        ("de", "stumm: Krypto", ["Krypto"]),
        ("es", "silenciar cripto", ["cripto"]),
        ("en", "mute stop", ["stop"]),
    ],
)
@pytest.mark.parametrize("where", ["chat", "conversation", "start", "topics"])
async def test_a_word_is_muted(
    talk_with_model: Talk,
    titles: dict[int, int],
    language: str,
    typed: str,
    muted: list[str],
    where: str,
) -> None:
    talk = talk_with_model
    if where == "start":
        await talk.say("/start", language=language)
    else:
        await with_digest(talk, language, asks_about=titles[1] if where == "conversation" else 0)
    if where == "topics":
        await talk.say("/topics")
    await talk.say(typed)
    assert await rows(talk, "mutes", "value") == sorted(muted)
    assert await rows(talk, "interests", "phrase") == []
    assert await rows(talk, "questions") == []


@pytest.mark.parametrize("typed", ["/mute stop", "mute unsubscribe"])
async def test_a_word_that_may_mean_all_messages_is_muted_with_a_hint(
    talk_with_model: Talk, typed: str
) -> None:
    await talk_with_model.onboarded()
    said = text_of(await talk_with_model.say(typed))
    assert said.startswith(text("mute.or_pause", "en"))
    assert text("mute.or_pause", "en") not in text_of(await talk_with_model.say("/mute crypto"))


STOP = [
    *[("en", typed) for typed in ("stop", "unsubscribe", "Unsubscribe me!", "please unsubscribe")],
    *[("de", typed) for typed in ("abmelden", "bitte abmelden", "Abo kündigen", "stopp")],
    *[("es", typed) for typed in ("cancelar suscripción", "darme de baja", "parar")],
]


@pytest.mark.parametrize(("language", "typed"), STOP)
@pytest.mark.parametrize("where", ["", "/start", "/topics", "/mute", "/settings alerts", "ask"])
async def test_who_wants_no_more_is_told_how(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str, where: str
) -> None:
    talk = talk_with_model
    if where == "/start":
        await talk.say(where, language=language)
    else:
        await with_digest(talk, language, asks_about=titles[1] if where == "ask" else 0)
        if where.startswith("/"):
            await talk.say(where)
    assert text_of(await talk.say(typed)) == text("command.stop", language)
    for table, column in ("mutes", "value"), ("interests", "phrase"), ("questions", "story_id"):
        assert await rows(talk, table, column) == []


THANKS = [
    *("thanks", "Thank you so much!", "thanks, that was helpful", "cheers mate", "👍", "❤️", ":)"),
    *("danke", "Vielen Dank!", "danke für die Hilfe", "gracias", "muchas gracias", "¡mil gracias!"),
]


@pytest.mark.parametrize("typed", THANKS)
@pytest.mark.parametrize("asking", [False, True])
async def test_thanks_get_one_short_line(
    talk_with_model: Talk, titles: dict[int, int], typed: str, asking: bool
) -> None:
    await with_digest(talk_with_model, asks_about=titles[1] if asking else 0)
    assert text_of(await talk_with_model.say(typed)) == text("help.thanks", "en")
    assert await rows(talk_with_model, "questions") == []


@pytest.mark.parametrize(
    "typed",
    [
        *("save time on builds", "why", "why 2 databases?", "open source", "follow the money"),
        *(
            "mute button broken on all phones",
            "thanks, but why is it slow?",
            "1984",
            "2 or 3 of them",
        ),
        *("warum", "por qué", "is 5 a lot", "read the docs", "nice, who made it"),
    ],
)
async def test_other_words_are_a_question(
    talk_with_model: Talk, titles: dict[int, int], typed: str
) -> None:
    await with_digest(talk_with_model, asks_about=titles[1])
    await talk_with_model.say(typed)
    assert await rows(talk_with_model, "questions") == [titles[1]]
    for table, column in ("mutes", "value"), ("saved_stories", "story_id"):
        assert await rows(talk_with_model, table, column) == []


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "ask 3 who paid?"), ("de", "frag 3 wer zahlt?"), ("es", "pregunta 3 quién paga")],
)
async def test_a_question_names_its_story(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str
) -> None:
    await with_digest(talk_with_model, language)
    await talk_with_model.say(typed)
    assert await rows(talk_with_model, "questions") == [titles[3]]


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "search story"), ("de", "suche nach story"), ("es", "buscar story")],
)
async def test_stories_are_searched(
    talk_with_model: Talk, titles: dict[int, int], language: str, typed: str
) -> None:
    await with_digest(talk_with_model, language)
    said = text_of(await talk_with_model.say(typed))
    assert said.startswith(text("search.heading", language, words="story"))


@pytest.mark.parametrize("typed", ["hilfe", "ayuda", "help me", "Help!", "help please"])
@pytest.mark.parametrize("where", ["", "ask", "/topics", "/mute"])
async def test_help_is_shown(
    talk_with_model: Talk, titles: dict[int, int], typed: str, where: str
) -> None:
    await with_digest(talk_with_model, asks_about=titles[1] if where == "ask" else 0)
    if where.startswith("/"):
        await talk_with_model.say(where)
    assert text_of(await talk_with_model.say(typed)) == text("help.text", "en")
