"""No label of a button is cut on a phone, in any language.

The widths are those of Roboto, Android's font, in 14 pixels: a phone of 390 pixels shows a message
of 326, its buttons 4 apart, with 6 on both sides of a label.
"""

from __future__ import annotations

import pytest

from app.readers.interests.topics import TOPICS
from app.telegram.handle.commands.settings_pages import style_label
from app.wording import LANGUAGES, text
from tests.digests.stories import add_stories, candidate
from tests.telegram.chat import Said, Talk

MESSAGE, GAP, PADDING = 326, 4, 6
EM, PIXELS = 2048, 14
# https://github.com/googlefonts/roboto-2: the advance widths of Roboto Regular, for 2048 an em.
ADVANCES = {
    letter: advance
    for letters, advance in {
        "ijl'’.,:|¿?¡!í": 520,
        "ftr -()": 700,
        "ckvxyzs": 1060,
        "abdeghnopquáéóúäöüñß0123456789–‹✓": 1150,
        "ABCDEFGHJKLNOPQRSTUVXYZÄÖÜÁÉÍÓÚÑ": 1400,
        "mwMW": 1800,
    }.items()
    for letter in letters
}
EMOJI = 2700
NOT_SEEN = "\ufe0f\u200d"


def width(label: str) -> float:
    seen = (letter for letter in label if letter not in NOT_SEEN)
    return sum(ADVANCES.get(letter, EMOJI) for letter in seen) * PIXELS / EM


def room(buttons: int) -> float:
    return (MESSAGE - GAP * (buttons - 1)) / buttons - 2 * PADDING


def too_wide(said: list[Said]) -> list[str]:
    rows = [
        row
        for one in said
        for row in one.parameters.get("reply_markup", {}).get("inline_keyboard", [])
    ]
    return [
        f"{key['text']!r}: {width(key['text']):.0f} > {room(len(row)):.0f}"
        for row in rows
        for key in row
        if width(key["text"]) > room(len(row))
    ]


def test_the_measured_widths_match_the_font() -> None:
    assert too_wide([Said("", "", {"reply_markup": {"inline_keyboard": [
        [{"text": label} for label in ("Einfach", "Technisch", "Geschäftlich", "Knapp")]
    ]}}, 1)])  # fmt: skip
    assert 75 < width("Geschäftlich") < 85


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_label_fits(talk_with_model: Talk, language: str) -> None:
    talk, said = talk_with_model, []
    for typed in "/start", "rust", text("button.done", language), "Berlin", "ok", "7:30":
        said += await talk.say(typed, language=language)
    [style] = said[-1:]
    said += await talk.press(style, style_label("basic", language))
    story = candidate("Cheese matters")
    await add_stories(talk.pool, story)
    said += await talk.press_data(f"story:{story.id}")
    said += await talk.press_data(f"save:{story.id}:card")
    said += await talk.press_data(f"like:{story.id}:card")
    await talk.say("/topics distributed systems, " + ", ".join(TOPICS))  # all of them ticked
    for command in "/topics", "/mute crypto", "/memory", "/saved", "/delete_me", "/settings":
        said += await talk.say(command)
    for data in list(said[-1].buttons.values()):
        said += await talk.press_data(data)
    assert len([one for one in said if one.buttons]) > 20
    assert sorted(set(too_wide(said))) == []
