"""The rich look: everything that the classic one says, in blocks that the Bot API knows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.digests.candidates import Candidate, Discussion, DiscussionPoint, Summary
from app.digests.description import describe_digest
from app.digests.rich import MAX_PICTURES, compose_rich
from app.digests.rich_blocks import MAX_BLOCKS, MAX_CHARACTERS, RichMessage, fits, paragraph
from app.digests.rich_offer import compose_offer
from app.digests.sections import DigestSection
from app.digests.select import SelectedStory
from app.wording import LANGUAGES, text
from simulators.telegram.rich import rich_message_of
from tests.digests.stories import NOW, candidate
from tests.telegram.test_requests import complaints

POINT = DiscussionPoint("It is <b>good</b>.", (11, 12))
TALK = Discussion(
    "They agree on it.",
    (POINT,),
    (DiscussionPoint("It is expensive.", (13,)),),
    made_at=NOW,
    comment_count=9,
)
POINTS = ("It is yellow.", "It has holes.")


def compose(*stories: Candidate, language: str = "en", **changes: Any) -> RichMessage | None:
    choices = tuple(SelectedStory(one, changes.get("terms", {})) for one in stories)
    pictures = changes.get("pictures", False)
    sections = [DigestSection(changes.get("subject"), choices)]
    notice, lede = changes.get("notice", ""), changes.get("lede")
    return compose_rich(
        describe_digest("daily", NOW.date(), sections, "basic", language, notice, lede),
        pictures=pictures,
    )


def judged(message: RichMessage | None) -> list[dict[str, Any]]:
    """The blocks, once the simulated Telegram and aiogram's types have nothing against them."""
    assert message is not None
    call = {"chat_id": 1, "rich_message": message}
    rich_message_of(call)
    assert complaints("sendRichMessage", call) == []
    blocks: list[dict[str, Any]] = message["blocks"]
    return blocks


def said(value: object) -> str:
    """All that is read in blocks."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return " ".join(map(said, value))
    if isinstance(value, dict):
        names = ("summary", "text", "blocks", "items", "cells", "buttons")
        return " ".join(said(value[name]) for name in names if name in value)
    return ""


def found(value: object, name: str) -> list[Any]:
    """Every value of a field, wherever it stands."""
    inner: list[object] = []
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list):
        inner = value
    own = [value[name]] if isinstance(value, dict) and name in value else []
    return [*own, *(one for part in inner for one in found(part, name))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_story_is_closed_to_a_sentence_and_open_to_everything(language: str) -> None:
    story = candidate(
        "Cheese", sentences="It is old. It is good.", key_points=POINTS, discussion=TALK
    )
    terms = {"interest:cheese": 1.5}
    blocks = judged(
        compose(story, language=language, subject="science", lede="A day.", terms=terms)
    )
    [details] = [one for one in blocks if one["type"] == "details"]
    closed = said(details["summary"])
    assert "1. Cheese" in closed and "100" in closed and "It is old." in closed
    assert "It is good." not in closed
    inside = said(details["blocks"])
    assert "It is old." not in inside, "it stands in the summary, which stays"
    for part in ("It is good.", *POINTS, "They agree on it.", "cheese", "expensive"):
        assert part in inside, part
    assert "A day." in said(blocks) and "<" not in said(blocks).replace("<b>good</b>", "")
    links = found(details, "url")
    assert links[0] == story.url
    assert [link for link in links if link.endswith(("=11", "=12", "=13"))]
    data = found(details, "callback_data")
    assert data == [
        f"{name}:{story.id}"
        for name in ("save", "like", "dislike", "why", "follow", "ask", "share")
    ]
    assert found(details, "unix_time") == [int(NOW.timestamp())]


def test_pictures_are_inside_for_readers_who_want_them() -> None:
    pictured = candidate("Bridge", sentences="It is old.", picture="https://a.example/bridge.jpg")
    stories = (pictured, candidate("Cheese", sentences="It is old."))
    assert found(judged(compose(*stories)), "media") == []
    blocks = judged(compose(*stories, pictures=True))
    assert found(blocks, "media") == ["https://a.example/bridge.jpg"]
    [bridge, _] = [one for one in blocks if one["type"] == "details"]
    assert bridge["blocks"][0]["type"] == "photo"


def test_a_picture_that_several_pages_share_is_that_of_their_site() -> None:
    stories = [candidate(picture="https://a.example/logo.png") for _ in range(2)]
    assert found(judged(compose(*stories, pictures=True)), "media") == []


def test_there_are_ten_pictures_at_most() -> None:
    stories = [candidate(picture=f"https://a.example/{n}.png") for n in range(20)]
    assert len(found(judged(compose(*stories, pictures=True)), "media")) == MAX_PICTURES


def test_an_excerpt_is_marked_also_while_it_is_closed() -> None:
    blocks = judged(compose(candidate(sentences="It is old.", extractive=True)))
    [details] = [one for one in blocks if one["type"] == "details"]
    assert "✂️\u00a0excerpt" in said(details["summary"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_an_excerpt_is_marked(language: str) -> None:
    mark = said(text("digest.extractive", language))
    for sentences, marks in ("It is old.", [True, False]), ("It is old. It is good.", [True] * 2):
        story = candidate(sentences=sentences, extractive=True)
        [details] = [one for one in judged(compose(story, language=language)) if "summary" in one]
        assert [mark in said(details["summary"]), mark in said(details["blocks"])] == marks
    written = judged(compose(candidate(sentences="It is old. It is good."), language=language))
    assert mark not in said(written)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_of_comments_is_said_once(language: str) -> None:
    story = candidate("Cheese", comment_count=4321, discussion=TALK)
    blocks = judged(compose(story, language=language))
    assert said(blocks).replace(".", "").replace(",", "").count("4321") == 1
    discussion = f"https://news.ycombinator.com/item?id={story.id}"
    assert found(blocks, "url").count(discussion) == 1


def test_a_long_first_sentence_is_complete_when_opened() -> None:
    long = "A sentence that goes on " + "and on " * 50 + "ends here."
    [details] = [
        one for one in judged(compose(candidate(sentences=long))) if one["type"] == "details"
    ]
    assert "ends here." not in said(details["summary"])
    assert "ends here." in said(details["blocks"])


def test_an_unread_page_is_marked() -> None:
    unread = candidate(
        summaries={"basic": Summary("", (), True, "none", None)},
        article_reason="paywall",
    )
    assert "Page not read: paywall." in said(judged(compose(unread)))


def test_sections_have_headings_and_the_operator_a_line() -> None:
    blocks = judged(compose(candidate(), subject="security", notice="Down on <Sunday>"))
    headings = [said(one) for one in blocks if one["type"] == "heading"]
    assert headings == ["Hacker News, Monday, 23 November", "🔒 Security and privacy"]
    assert "Down on <Sunday>" in said(blocks)


@given(st.text(max_size=60), st.sampled_from(sorted(LANGUAGES)))
def test_untrusted_text_is_escaped(words: str, language: str) -> None:
    story = candidate(
        words,
        sentences=words,
        key_points=(words,),
        site=words,
        discussion=Discussion(words, (DiscussionPoint(words, (1,)),), ()),
    )
    judged(compose(story, language=language, lede=words, notice=words))


@pytest.mark.parametrize("number", [1, 7, 20])
def test_a_digest_of_any_length_is_one_message(number: int) -> None:
    long = "A sentence of some length says what it says. " * 60
    story = candidate(
        "T" * 300,
        sentences=long,
        key_points=(long,) * 8,
        discussion=Discussion(
            long, (DiscussionPoint(long, (1, 2, 3)),) * 5, (DiscussionPoint(long, (4,)),) * 5
        ),
    )
    judged(compose(*[story] * number))


def test_a_digest_that_fits_no_message_has_no_rich_form() -> None:
    assert compose(*[candidate("T", sentences="Word. " * 90)] * 200) is None


def test_characters_and_blocks_are_counted_as_telegram_counts_them() -> None:
    assert fits([paragraph("x" * MAX_CHARACTERS)])
    assert not fits([paragraph("x" * (MAX_CHARACTERS + 1))])
    assert not fits([paragraph("🦀" * (MAX_CHARACTERS // 2 + 1))])
    assert fits([paragraph("x")] * MAX_BLOCKS)
    assert not fits([paragraph("x")] * (MAX_BLOCKS + 1))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_offer_is_a_rich_message_with_its_proof_in_it(language: str) -> None:
    blocks = judged(compose_offer(language))
    assert found(blocks, "callback_data") == ["look:rich", "look:no"]
    assert "<" not in said(blocks)
