"""Messages that Telegram takes as they are, whatever strangers write into titles and summaries."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from app.database.connection import Pool
from app.digests.candidates import Candidate, Discussion, Point, Summary
from app.digests.card import compose_card, compose_why
from app.digests.compose import (
    Composed,
    compose_digest,
    heading,
    nothing_new,
)
from app.digests.parts import MOST_ENTITIES, MOST_UNITS, page, plain, size, whole_sentences
from app.digests.select import Choice
from app.wording import LANGUAGES
from tests.digests.stories import NOW, add_reader, candidate, discussion

SENTENCES = "It is about cheese. It goes on about cheese. And it ends with cheese."
LONG = " ".join(f"This is sentence number {n} of a long summary about cheese." for n in range(40))
HOSTILE = [
    "<script>alert(1)</script>",
    '</b></a><b>unclosed <a href="https://evil.example">',
    "&lt;b&gt; &amp;amp; &#x41; &nosuch;",
    "\u202egnp.exe\u2066 override",
    "مرحبا بالعالم",
    "שלום עולם (example.com)",
    "👨‍👩‍👧‍👦🏳️‍🌈" * 60,
    "Z̷̡͓a̴l̶g̸o" * 100,
    "half a pair \ud83d of surrogates",
    "NUL\0 and \x07 bell \x1b[31m and\ttabs\r\nand lines",
    "no-spaces-" * 200,
    "",
    "   ",
    "{count} %s {title} {0}",
    "@everyone #tag /start $USD someone@example.com https://evil.example/?a=b&c=d",
]


class WellFormed(HTMLParser):
    """Takes only what Telegram's HTML mode takes: known tags, all closed in order."""

    KNOWN = frozenset(("a", "b", "i", "code"))

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open, f"unclosed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.KNOWN, tag
        assert tag == "a" or not attrs
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def compose(*candidates: Candidate, style: str = "basic", language: str = "en") -> list[Composed]:
    choices = [Choice(one, {}) for one in candidates]
    return compose_digest("<b>Hacker News</b>", choices, style, language)


def check(message: Composed) -> WellFormed:
    assert size(message.html).entities <= MOST_ENTITIES
    buttons = [button for row in message.buttons for button in row]
    assert len(buttons) <= 100
    assert all(label and len(data.encode()) <= 64 for label, data in buttons)
    seen = WellFormed(message.html)
    assert len(seen.text.encode("utf-16-le")) // 2 <= MOST_UNITS
    return seen


def test_a_story_says_everything_that_there_is() -> None:
    one = candidate(
        "Cheese & wine",
        url="https://cheese.example/?a=1&b=2",
        site="cheese.example",
        points=1,
        comment_count=231,
        article_words=1150,
        sentences=SENTENCES,
        discussion=discussion("Most like it; some ask for crackers."),
    )
    [message] = compose(one)
    seen = check(message)
    assert seen.links == [
        "https://cheese.example/?a=1&b=2",
        f"https://news.ycombinator.com/item?id={one.id}",
    ]
    assert seen.text.splitlines() == [
        "Hacker News",
        "",
        "1. Cheese & wine (cheese.example)",
        "1 point · 231 comments · 5 min read",
        SENTENCES,
        "💬 Most like it; some ask for crackers.",
    ]
    [row] = message.buttons
    actions = ("story", "save", "like", "dislike", "ask")
    assert [data for _, data in row] == [f"{action}:{one.id}" for action in actions]


def test_without_a_page_the_title_leads_to_hacker_news() -> None:
    for url in (None, "javascript:alert(1)", "https://example.com/" + "a" * 5000):
        one = candidate("Ask HN: Cheese?", url=url)
        seen = check(compose(one)[0])
        assert set(seen.links) == {f"https://news.ycombinator.com/item?id={one.id}"}


def test_an_excerpt_is_marked_and_a_missing_page_is_owned_up_to() -> None:
    said = check(compose(candidate(sentences=SENTENCES, extractive=True))[0]).text
    assert f"{SENTENCES} ✂️" in said
    summary = Summary(SENTENCES, (), False, "discussion", None)
    unread = candidate(summaries={"basic": summary}, article_reason="paywall")
    said = check(compose(unread)[0]).text
    assert f"{SENTENCES} (as commenters tell it)" in said
    assert "paywall" in said
    quoted = candidate(discussion=Discussion("somebody: “No.”", (), (), extractive=True))
    assert "“No.” ✂️" in check(compose(quoted)[0]).text
    unknown = candidate(summaries={"basic": summary}, article_reason="never heard of")
    assert "could not be read" in check(compose(unknown)[0]).text
    # The page was read, and no site refused anything: the model did.
    quotable = Summary("", (), True, "none", "refused")
    said = check(compose(candidate(summaries={"basic": quotable}))[0]).text
    assert "no sentence in it" in said
    assert "refused" not in said


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_of_strangers_break_nothing(words: str, language: str) -> None:
    hostile = candidate(
        words,
        site=words,
        topics=(words,),
        summaries={"basic": Summary(words * 9, (words,) * 9, True, "none", None)},
        article_reason=words,
        discussion=Discussion(words, (Point(words, (1, 2)),), (Point(words, (3,)),)),
    )
    choice = Choice(hostile, {"points": 1.0, f"interest:{words}": 3.0, f"learned:{words}": -1.0})
    for message in compose_digest("Hacker News", [choice] * 7, "basic", language):
        check(message)
    check(compose_card(choice, "basic", language, saved=True))
    WellFormed(compose_why(choice, language))


def test_a_title_of_megabytes() -> None:
    for words in ("word " * 1_000_000, "x" * 5_000_000, "<b>" * 1_600_000, "\u202e" * 2_500_000):
        [message] = compose(candidate(words, sentences=words, discussion=discussion(words)))
        check(message)


def test_seven_usual_stories_are_one_message() -> None:
    talk = discussion("Commenters agree about the cheese, and disagree about the crackers to it.")
    stories = [
        candidate(
            f"Story number {n} with a title of a usual length for this site",
            sentences=LONG[:420],
            discussion=talk,
        )
        for n in range(7)
    ]
    [message] = compose(*stories)
    check(message)
    assert len(message.buttons) == 7


def test_a_shortened_summary_ends_with_a_sentence() -> None:
    [message] = compose(*(candidate(f"Story {n}", sentences=LONG) for n in range(7)))
    for block in check(message).text.split("\n\n")[1:]:
        assert block.endswith("about cheese.")


def test_what_does_not_fit_is_split_between_stories() -> None:
    stories = [
        candidate(f"Story {n}", sentences=LONG, discussion=discussion(LONG)) for n in range(20)
    ]
    messages = compose(*stories)
    assert len(messages) > 1
    for message in messages:
        check(message)
    numbers = [row[0][0] for message in messages for row in message.buttons]
    assert numbers == [str(n) for n in range(1, 21)]
    for message in messages:
        told = re.findall(r"^(\d+)\. Story", WellFormed(message.html).text, re.MULTILINE)
        assert told == [row[0][0] for row in message.buttons]


def test_entities_are_counted_with_those_that_telegram_finds_itself() -> None:
    pages = " ".join(f"own.example/{n}" for n in range(30))
    messages = compose(
        *(candidate(f"Story {n}", sentences=pages, site="own.example") for n in range(5))
    )
    assert len(messages) > 1
    for message in messages:
        check(message)


def test_units_are_counted_as_telegram_does() -> None:
    assert size("<b>a &amp; b</b>").units == 5
    assert size("😀").units == 2
    assert size('<a href="https://example.com/?a&amp;b">é</a>').units == 1


def test_a_style_that_is_not_there_falls_back_to_the_basic_one() -> None:
    styles = {
        "basic": Summary("Basic words.", (), False, "article", None),
        "technical": Summary("Technical words.", (), False, "article", None),
    }
    one = candidate(summaries=styles)
    assert "Technical words." in compose(one, style="technical")[0].html
    assert "Basic words." in compose(one, style="business")[0].html


def test_the_personalised_style_puts_first_what_the_reader_cares_about() -> None:
    summary = Summary(SENTENCES, ("About crackers.", "About wine."), False, "article", None)
    choice = Choice(candidate(summaries={"basic": summary}), {"points": 1, "interest:wines": 3})
    [message] = compose_digest("Hacker News", [choice], "personalised", "en")
    assert "⭐ About wine." in message.html
    assert "crackers" not in message.html
    card = compose_card(choice, "personalised", "en", saved=False).html
    assert card.index("About wine.") < card.index("About crackers.")
    usual = compose_card(choice, "basic", "en", saved=False).html
    assert usual.index("About crackers.") < usual.index("About wine.")


def test_a_card_holds_the_whole_story() -> None:
    points = Discussion(
        "They talk about cheese.",
        (Point("It is good.", (11, 12)),),
        (Point("It is expensive.", (13,)),),
    )
    summary = Summary(LONG, ("It is yellow.",), False, "article", None)
    one = candidate("Cheese", summaries={"basic": summary}, discussion=points)
    card = compose_card(Choice(one, {"points": 1.0}), "basic", "en", saved=False)
    seen = check(card)
    for part in ("number 20", "It is yellow.", "It is good. [1] [2]", "It is expensive. [1]"):
        assert part in seen.text
    assert [f"https://news.ycombinator.com/item?id={n}" for n in (11, 12, 13)] == seen.links[-3:]
    data = [button for row in card.buttons for _, button in row]
    actions = ("save:{}:card", "like:{}", "dislike:{}", "why:{}", "ask:{}")
    assert data == [action.format(one.id) for action in actions]
    unchosen = compose_card(Choice(one, {}), "basic", "en", saved=True)
    assert f"why:{one.id}" not in [button for row in unchosen.buttons for _, button in row]


def test_why_names_every_term() -> None:
    terms = {
        "points": round(math.log(101), 4),
        "comments": round(0.3 * math.log(51), 4),
        "age": -0.4,
        "interest:cheese": 3.0,
        "learned:wine": 0.9,
        "learned:beer": -0.9,
        "same_site": -1.0,
        "same_event": -8.0,
    }
    for language in LANGUAGES:
        told = WellFormed(compose_why(Choice(candidate("Cheese"), terms), language)).text
        for value in ("+4.6", "+1.2", "-0.4", "+3.0", "+0.9", "-0.9", "-1.0", "-8.0"):
            assert value in told
        for words in ("Cheese", "cheese", "wine", "beer", "100", "50"):
            assert words in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["daily", "weekly", "asked", "alert"])
def test_headings(kind: str, language: str) -> None:
    WellFormed(heading(kind, NOW.date(), language))


def test_headings_name_the_day() -> None:
    assert "Monday, 23 November" in heading("daily", NOW.date(), "en")
    assert "Montag, 23. November" in heading("daily", NOW.date(), "de")


def test_words_are_cut_between_words_and_sentences() -> None:
    assert plain("one two three", 9) == "one two…"
    assert plain("one\n\ttwo", 9) == "one two"
    assert plain("می‌خواهم", 9) == "می‌خواهم"
    assert plain("\u200d", 9) == ""
    assert whole_sentences("One. Two! Three?", 9) == "One. Two!"
    assert whole_sentences("A single long sentence", 10) == "A single…"


async def test_nothing_new_says_when_there_will_be(database: Pool) -> None:
    reader = await add_reader(database, 1)
    assert "tomorrow at 08:00" in nothing_new(reader, NOW)
    assert nothing_new(replace(reader, next_digest_at=None), NOW)


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "HTTPS://A.Example/Path", "Http://a.example"]
)
def test_a_title_leads_to_its_page_however_its_address_is_written(url: str) -> None:
    assert page(candidate("T", url=url)) == url


@pytest.mark.parametrize(
    "name",
    ["evil.com", "EVIL.COM", "sub.evil.co.uk", "t.me/evil", "злой.рф", "me@evil.com", "1.2.3.4",
     "@evil_support", "/delete_me", "#evil", "$EVIL", "evil.Com", "evil.COM", "\u0435vil.com",
     "93.184.216.34:8080", "1.2.3.4/x", "bücher.de", "उदाहरण.भारत", "evil.xn--p1ai", "..evil.com",
     "aa.bb.cc.dd.ee.ff.gg.hh.ii.jj.kk.evil.com", "https://evil.Com/a", "TG://resolve?domain=evil"],
)  # fmt: skip
def test_what_looks_like_a_link_is_none_wherever_it_stands(name: str) -> None:
    words = f"See {name} for more."
    one = candidate("T", sentences=words, discussion=discussion(words), site="own.example")
    for message in [*compose(one), compose_card(Choice(one, {}), "basic", "en", saved=False)]:
        text = check(message).text
        assert name not in text
        assert not re.search(r"\w\.\w", text.replace("own.example", ""))
        assert words in text.replace("\u2060", "")


@pytest.mark.parametrize(
    "name", ["own.example", "https://www.own.example/a", "1.5", "$7", "3.11.2", "Go 1.30"]
)
def test_what_is_the_storys_own_or_none_at_all_stays(name: str) -> None:
    words = f"See {name} for more."
    assert words in check(compose(candidate("T", sentences=words, site="own.example"))[0]).text


def test_why_tells_what_there_was_when_it_was_chosen() -> None:
    terms = {"points": round(math.log(1489), 4), "comments": round(0.3 * math.log(251), 4)}
    grown = candidate("Cheese", points=3000, comment_count=900)
    told = compose_why(Choice(grown, terms), "en")
    assert "1488 points" in told and "250 comments" in told


def test_why_counts_one_as_one() -> None:
    terms = {"points": 0.6931, "comments": 0.2079}
    told = compose_why(Choice(candidate("Cheese"), terms), "en")
    assert "1 point on" in told and "1 comment\n" in told
