"""What people who have never seen the manual type, and what is made of it, in each language."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest

from app.wording import text
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import Talk
from tests.telegram.handle.commands.test_stories import digest

HINT, STOP, THANKS, HELP = "help.hint", "command.stop", "help.thanks", "help.text"
# A column and its value; a number, whose story is opened; or the key of the reply.
Meaning = tuple[str, object] | int | str

ENGLISH: dict[str, Meaning] = {
    "set the time to 9": ("digest_time", time(9)),
    "change language to german": ("language", "de"),
    "change my style to brief please": ("style", "concise"),
    "daily at 6:30": ("digest_time", time(6, 30)),
    "weekly off": ("weekly_day", None),
    "alerts: 300 points": ("alert_points", 300),
    "the third one": 3,
    "show me the second story": 2,
    "read #4": 4,
    "first": 1,
    "the 2nd one": 2,
    "mute": "command.meant",
    "pause please": STOP,
    "pause until monday": STOP,
    "How do I unsubscribe?": STOP,
    "ok thanks bye": THANKS,
    "thank you!! 🙏": THANKS,
    "lmao": HINT,
    "good night": HINT,
    "1234567890": HINT,
    "help!!!": HELP,
    "/help.": HELP,
    "//help": HELP,
}
GERMAN: dict[str, Meaning] = {
    "stell die Uhrzeit auf 9": ("digest_time", time(9)),
    "ändere die Sprache auf Englisch": ("language", "en"),
    "Stil: kürzer": ("style", "concise"),
    "täglich um 6:30": ("digest_time", time(6, 30)),
    "Wochenausgabe aus": ("weekly_day", None),
    "Alarme: ab 300 Punkten": ("alert_points", 300),
    "die dritte": 3,
    "zeig mir die zweite Geschichte": 2,
    "lies Nr. 4": 4,
    "Nr. 4 bitte": 4,
    "die erste bitte": 1,
    "mach mal Pause": STOP,
    "Pause bis Montag": STOP,
    "Wie melde ich mich ab?": STOP,
    "Bitte abmelden!": STOP,
    "okay danke tschüss": THANKS,
    "danke dir, sehr hilfreich": THANKS,
    "Dankeschön :)": THANKS,
    "gute Nacht": HINT,
    "Hilfe!!!": HELP,
    "befehle?": HELP,
}
SPANISH: dict[str, Meaning] = {
    "pon la hora a las 9": ("digest_time", time(9)),
    "cambia el idioma a inglés": ("language", "en"),
    "estilo: más corto": ("style", "concise"),
    "diario a las 6:30": ("digest_time", time(6, 30)),
    "semanal no": ("weekly_day", None),
    "avisos: 300 puntos": ("alert_points", 300),
    "la tercera": 3,
    "muéstrame la segunda noticia": 2,
    "abre la n.º 4": 4,
    "número 4, por favor": 4,
    "la primera por favor": 1,
    "haz una pausa": STOP,
    "pausa hasta el lunes": STOP,
    "¿cómo me doy de baja?": STOP,
    "no me escribas más": STOP,
    "vale gracias adiós": THANKS,
    "¡muchísimas gracias!": THANKS,
    "❤️": THANKS,
    "buenas noches": HINT,
    "¡¡Ayuda!!": HELP,
    "comandos": HELP,
}
TYPED = [
    pytest.param(language, typed, meaning, id=f"{language}-{typed}")
    for language, table in (("en", ENGLISH), ("de", GERMAN), ("es", SPANISH))
    for typed, meaning in table.items()
]


@pytest.fixture
async def titles(talk_with_model: Talk) -> list[str]:
    """The titles of stories, in the order of the digest that readers get."""
    known = [candidate(f"Story {n}", points=200 - n, sentences="All.") for n in range(5)]
    await add_stories(talk_with_model.pool, *known)
    await talk_with_model.pool.execute(
        "UPDATE stories SET first_seen_at = now(), posted_at = now()"
    )
    return [one.title for one in known]


@pytest.mark.parametrize(("language", "typed", "meaning"), TYPED)
async def test_what_strangers_type_is_understood(
    talk_with_model: Talk, titles: list[str], language: str, typed: str, meaning: Meaning
) -> None:
    talk = talk_with_model
    values: dict[str, Any] = {"language": language, "weekly_day": 3, "story_count": 5}
    await digest(talk, await talk.onboarded(**values))
    before = await talk.reader()
    [said] = await talk.say(typed)
    after = await talk.reader()
    if isinstance(meaning, tuple):
        assert said.text.startswith("✅")
        assert getattr(after, meaning[0]) == meaning[1]
    elif isinstance(meaning, int):
        assert titles[meaning - 1] in said.text and any("💬" in one for one in said.buttons)
    else:
        assert said.text == text(meaning, language, meant=typed)
        assert after == before
    assert await talk.pool.fetchval("SELECT count(*) FROM questions") == 0


@pytest.mark.parametrize(
    ("language", "typed"),
    [("en", "add rust"), ("en", "topics rust"), ("de", "Rust hinzufügen"), ("es", "añade rust")],
)
async def test_topics_are_added_and_removed(talk: Talk, language: str, typed: str) -> None:
    await talk.onboarded(language=language)
    await talk.say(typed)
    assert await talk.pool.fetchval("SELECT count(*) FROM interests") == 1
    await talk.say({"en": "remove rust", "de": "entferne Rust", "es": "quita rust"}[language])
    assert await talk.pool.fetchval("SELECT count(*) FROM interests") == 0


async def test_the_address_of_a_story_opens_it(talk: Talk) -> None:
    await talk.onboarded()
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    [card] = await talk.say(f"https://news.ycombinator.com/item?id={story.id}")
    assert "Cheese matters" in card.text
    [gone] = await talk.say("https://news.ycombinator.com/item?id=999999")
    assert gone.text == text("card.gone", "en")


@pytest.mark.parametrize(
    "typed",
    [
        "add more detail",
        "topics covered",
        "interests me",
        "make it simpler",
        "set theory",
        "the first author is who",
    ],
)
async def test_requests_to_the_model_are_questions(talk_with_model: Talk, typed: str) -> None:
    await talk_with_model.onboarded()
    story = candidate("Cheese matters")
    await add_stories(talk_with_model.pool, story)
    await talk_with_model.press_data(f"ask:{story.id}")
    await talk_with_model.say(typed)
    assert await talk_with_model.pool.fetchval("SELECT count(*) FROM questions") == 1


async def test_yes_to_the_invitation_of_a_shared_story(talk: Talk) -> None:
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    card, invitation = await talk.say(f"/start s_{story.id}")
    assert "Cheese matters" in card.text and invitation.text == text("start.visit", "en")
    await talk.say("yes please")
    assert (await talk.reader()).digest_wanted_at is not None
