"""Telegram accepts the messages, whatever the titles and summaries contain."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from app.database.connection import Pool
from app.digests.addresses import page_url
from app.digests.candidates import Candidate, Discussion, DiscussionPoint, Summary
from app.digests.card import CardState, compose_card, compose_why
from app.digests.compose import BUTTONS_IN_A_ROW, Composed, compose_digest, nothing_new
from app.digests.description import describe_digest, describe_story
from app.digests.parts import discussion_line
from app.digests.sections import DigestSection
from app.digests.select import SelectedStory
from app.readers.opinions import StoryOpinions
from app.text.telegram_html import MAX_ENTITIES, MAX_UNITS, single_line, size, whole_sentences
from app.wording import LANGUAGES, text
from tests.digests.stories import NOW, add_reader, candidate, discussion, past_story, reader

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

    KNOWN = frozenset(("a", "b", "i", "code", "blockquote"))

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
        assert tag == "a" or attrs == ([("expandable", None)] if tag == "blockquote" else [])
        self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def compose(*candidates: Candidate, style: str = "basic", language: str = "en") -> list[Composed]:
    return digest([SelectedStory(one, {}) for one in candidates], style, language)


def digest(
    choices: list[SelectedStory], style: str = "basic", language: str = "en", kind: str = "daily"
) -> list[Composed]:
    sections = [DigestSection(None, tuple(choices))]
    return compose_digest(describe_digest(kind, NOW.date(), sections, style, language))


def check(message: Composed) -> WellFormed:
    assert size(message.html).entities <= MAX_ENTITIES
    buttons = [button for row in message.buttons for button in row]
    assert len(buttons) <= 100
    assert all(label and len(data.encode()) <= 64 for label, data in buttons)
    seen = WellFormed(message.html)
    assert len(seen.text.encode("utf-16-le")) // 2 <= MAX_UNITS
    return seen


def state(likes: int = 0, dislikes: int = 0, *, saved: bool = False, **more: Any) -> CardState:
    return CardState(StoryOpinions(likes, dislikes, saved), **more)


def labels(message: Composed) -> list[str]:
    return [label for row in message.buttons for label, _ in row]


def titles_of(message: Composed) -> list[str]:
    return re.findall(r"^\d+\. .*$", check(message).text, re.MULTILINE)


def test_readers_who_share_a_story_each_have_their_number_and_reasons() -> None:
    cheese, wine = candidate("Cheese"), candidate("Wine")
    [one] = digest([SelectedStory(cheese, {"interest:cheese": 3.0}), SelectedStory(wine, {})])
    [other] = digest([SelectedStory(wine, {}), SelectedStory(cheese, {})])
    assert [*titles_of(one), *titles_of(other)] == ["1. Cheese", "2. Wine", "1. Wine", "2. Cheese"]
    reason = text("digest.for_you", "en", interests="cheese")
    assert reason in check(one).text
    assert reason not in check(other).text


def test_a_story_that_is_loaded_again_is_told_anew() -> None:
    once = candidate("Cheese", points=100)
    compose(once)
    [message] = compose(replace(once, title="Old cheese", points=101))
    assert titles_of(message) == ["1. Old cheese"]
    assert "101\u00a0points" in check(message).text


def test_a_story_shows_all_its_data() -> None:
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
        "Hacker News, Monday, 23 November",
        "",
        "1. Cheese & wine",
        "cheese.example · 1\u00a0point · 231\u00a0comments · 5\u00a0min read",
        SENTENCES,
        "💬 Most like it; some ask for crackers.",
    ]
    assert message.buttons == ((("1", f"story:{one.id}"),),)


def test_without_a_page_the_title_leads_to_hacker_news() -> None:
    for url in (None, "javascript:alert(1)", "https://example.com/" + "a" * 5000):
        one = candidate("Ask HN: Cheese?", url=url)
        seen = check(compose(one)[0])
        assert set(seen.links) == {f"https://news.ycombinator.com/item?id={one.id}"}


def test_excerpts_and_unread_pages_are_marked() -> None:
    said = check(compose(candidate(sentences=SENTENCES, extractive=True))[0]).text
    assert f"{SENTENCES} ✂️" in said
    summary = Summary(SENTENCES, (), False, "discussion", None)
    unread = candidate(summaries={"basic": summary}, article_reason="paywall")
    said = check(compose(unread)[0]).text
    assert f"{SENTENCES} (according to the comments)" in said
    assert "paywall" in said
    quoted = candidate(discussion=Discussion("somebody: “No.”", (), (), extractive=True))
    assert "“No.” ✂️" in check(compose(quoted)[0]).text
    unknown = candidate(summaries={"basic": summary}, article_reason="never heard of")
    assert "could not be read" in check(compose(unknown)[0]).text
    # The page was read, and no site refused anything: the model did.
    quotable = Summary("", (), True, "none", "refused")
    said = check(compose(candidate(summaries={"basic": quotable}))[0]).text
    assert "contains no sentence" in said
    assert "refused" not in said
    # It was read, but its text is gone: that the page has hardly any would not be true.
    gone = Summary("", (), True, "none", "text_gone")
    said = check(compose(candidate(summaries={"basic": gone}))[0]).text
    assert "could not be read" in said


@pytest.mark.parametrize("words", HOSTILE)
@pytest.mark.parametrize("language", LANGUAGES)
def test_untrusted_text_is_escaped(words: str, language: str) -> None:
    hostile = candidate(
        words,
        site=words,
        topics=(words,),
        summaries={"basic": Summary(words * 9, (words,) * 9, True, "none", None)},
        article_reason=words,
        discussion=Discussion(
            words, (DiscussionPoint(words, (1, 2)),), (DiscussionPoint(words, (3,)),)
        ),
    )
    choice = SelectedStory(
        hostile, {"points": 1.0, f"interest:{words}": 3.0, f"learned:{words}": -1.0}
    )
    for message in digest([choice] * 7, language=language):
        check(message)
    check(compose_card(choice, reader(language=language), state(saved=True), NOW))
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
    assert labels(message) == list("1234567")


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
    numbers = [label for message in messages for label in labels(message)]
    assert numbers == [str(n) for n in range(1, 21)]
    for message in messages:
        told = re.findall(r"^(\d+)\. Story", WellFormed(message.html).text, re.MULTILINE)
        assert told == labels(message)


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
    choice = SelectedStory(
        candidate(summaries={"basic": summary}), {"points": 1, "interest:wines": 3}
    )
    [message] = digest([choice], "personalised")
    assert "⭐ for you: wines About wine." in check(message).text
    assert "crackers" not in message.html
    card = compose_card(choice, reader(style="personalised"), state(), NOW).html
    assert card.index("About wine.") < card.index("About crackers.")
    usual = compose_card(choice, reader(), state(), NOW).html
    assert usual.index("About crackers.") < usual.index("About wine.")


def test_a_card_shows_the_whole_story() -> None:
    points = Discussion(
        "They talk about cheese.",
        (DiscussionPoint("It is good.", (11, 12)),),
        (DiscussionPoint("It is expensive.", (13,)),),
    )
    summary = Summary(LONG, ("It is yellow.",), False, "article", None)
    one = candidate("Cheese", summaries={"basic": summary}, discussion=points)
    card = compose_card(SelectedStory(one, {"points": 1.0}), reader(), state(), NOW)
    seen = check(card)
    for part in ("number 20", "It is yellow.", "It is good. [1] [2]", "It is expensive. [3]"):
        assert part in seen.text
    assert [f"https://news.ycombinator.com/item?id={n}" for n in (11, 12, 13)] == seen.links[-3:]
    data = [button for row in card.buttons for _, button in row]
    actions = (
        *("save:{}:card", "like:{}:card", "dislike:{}:card"),
        *("follow:{}:card", "ask:{}", "share:{}", "why:{}"),
    )
    assert data == [action.format(one.id) for action in actions]
    unchosen = compose_card(SelectedStory(one, {}), reader(), state(saved=True), NOW)
    assert f"why:{one.id}" not in [button for row in unchosen.buttons for _, button in row]


def test_the_explanation_names_every_term() -> None:
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
        told = WellFormed(compose_why(SelectedStory(candidate("Cheese"), terms), language)).text
        for value in ("+4.6", "+1.2", "-0.4", "+3.0", "+0.9", "-0.9", "-1.0", "-8.0"):
            assert value in told
        for words in ("Cheese", "cheese", "wine", "beer", "100", "50"):
            assert words in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["daily", "weekly", "asked", "alert"])
def test_headings(kind: str, language: str) -> None:
    [message] = digest([SelectedStory(candidate(), {})], language=language, kind=kind)
    check(message)


def test_headings_name_the_day() -> None:
    assert compose(candidate())[0].html.startswith("<b>Hacker News, Monday, 23 November</b>")
    assert "Montag, 23. November" in compose(candidate(), language="de")[0].html


def test_words_are_cut_between_words_and_sentences() -> None:
    assert single_line("one two three", 9) == "one two…"
    assert single_line("one\n\ttwo", 9) == "one two"
    assert single_line("می‌خواهم", 9) == "می‌خواهم"
    assert single_line("\u200d", 9) == ""
    assert whole_sentences("One. Two! Three?", 9) == "One. Two!"
    assert whole_sentences("A single long sentence. Another.", 10) == "A single long sentence."
    assert whole_sentences("endless " * 100, 10).endswith("endless…")
    assert whole_sentences("mira: “A long sentence. Another.”", 10) == "mira: “A long sentence.”"


VOICES = (
    "mira: “The bridge over the lower river has been closed since the flood of last winter, and so "
    "the only way to school is the ferry, which does not run when there is ice on the water.”",
    "otto: “Stone is no dearer than wood over all of thirty years, as the county found out. "
    "Nobody here counts as far.”",
    "ada: “It fell.”",
)


def quoting(*voices: str) -> Candidate:
    points = tuple(DiscussionPoint(voice, (90 + n,)) for n, voice in enumerate(voices, 1))
    return candidate(discussion=Discussion(voices[0], (), (), True, points))


@pytest.mark.parametrize(
    ("most", "shown"),
    [(240, 0), (160, 1), (90, 1), (40, 1)],
)
def test_the_line_is_a_comment_of_which_whole_sentences_fit(most: int, shown: int) -> None:
    story = describe_story(SelectedStory(quoting(*VOICES), {}), "basic", reads="en")
    line = WellFormed(discussion_line(story, "en", most))
    said = line.text.removeprefix("💬 ").partition(" [1]")[0]
    assert VOICES[shown].startswith(said.removesuffix("”"))
    assert said.endswith(".”")
    assert line.links == [f"https://news.ycombinator.com/item?id={91 + shown}"]


def test_a_quotation_is_marked_by_its_author_alone() -> None:
    story = describe_story(SelectedStory(quoting(VOICES[2]), {}), "basic", reads="en")
    assert WellFormed(discussion_line(story, "en", 240)).text == "💬 ada: “It fell.” [1]"


def test_the_first_comment_is_quoted_longer_if_no_beginning_is_enough() -> None:
    said = "mira: “The letters to my choir. A script wrote them, and in a year nobody answered.”"
    story = describe_story(SelectedStory(quoting(said, VOICES[2]), {}), "basic", reads="en")
    assert WellFormed(discussion_line(story, "en", 60)).text == f"💬 {said} [1]"


def test_a_line_is_whole_in_a_digest_of_many_stories() -> None:
    for message in compose(*[quoting(*VOICES)] * 30):
        assert "…" not in check(message).text


async def test_nothing_new_says_when_there_will_be(database: Pool) -> None:
    somebody = await add_reader(database, 1)
    assert "tomorrow at 8:00" in nothing_new(somebody, NOW)
    assert nothing_new(replace(somebody, next_digest_at=None), NOW)


@pytest.mark.parametrize(
    "url", ["https://a.example/x", "HTTPS://A.Example/Path", "Http://a.example"]
)
def test_a_title_leads_to_its_page_however_its_address_is_written(url: str) -> None:
    assert page_url(candidate("T", url=url)) == url


@pytest.mark.parametrize(
    "name",
    ["evil.com", "EVIL.COM", "sub.evil.co.uk", "t.me/evil", "злой.рф", "me@evil.com", "1.2.3.4",
     "@evil_support", "/delete_me", "#evil", "$EVIL", "evil.Com", "evil.COM", "\u0435vil.com",
     "93.184.216.34:8080", "1.2.3.4/x", "bücher.de", "उदाहरण.भारत", "evil.xn--p1ai", "..evil.com",
     "aa.bb.cc.dd.ee.ff.gg.hh.ii.jj.kk.evil.com", "https://evil.Com/a", "TG://resolve?domain=evil"],
)  # fmt: skip
def test_text_that_looks_like_a_link_is_not_a_link(name: str) -> None:
    words = f"See {name} for more."
    one = candidate("T", sentences=words, discussion=discussion(words), site="own.example")
    for message in [
        *compose(one),
        compose_card(SelectedStory(one, {}), reader(), state(), NOW),
    ]:
        text = check(message).text
        assert name not in text
        assert not re.search(r"\w\.\w", text.replace("own.example", ""))
        assert words in text.replace("\u2060", "")


@pytest.mark.parametrize(
    "name", ["own.example", "https://www.own.example/a", "1.5", "$7", "3.11.2", "Go 1.30"]
)
def test_addresses_of_the_storys_own_site_are_kept(name: str) -> None:
    words = f"See {name} for more."
    assert words in check(compose(candidate("T", sentences=words, site="own.example"))[0]).text


def test_the_explanation_shows_the_values_at_the_time_of_choosing() -> None:
    terms = {"points": round(math.log(1489), 4), "comments": round(0.3 * math.log(251), 4)}
    grown = candidate("Cheese", points=3000, comment_count=900)
    told = compose_why(SelectedStory(grown, terms), "en")
    assert "1,488\u00a0points" in told and "250\u00a0comments" in told


def test_the_explanation_uses_the_singular() -> None:
    terms = {"points": 0.6931, "comments": 0.2079}
    told = compose_why(SelectedStory(candidate("Cheese"), terms), "en")
    assert "1\u00a0point on" in told and "1\u00a0comment\n" in told


@pytest.mark.parametrize(
    ("stories", "rows"),
    [(1, [1]), (5, [5]), (6, [3, 3]), (7, [4, 3]), (10, [5, 5]), (11, [4, 4, 3])],
)
def test_there_is_a_row_of_numbers_for_every_five_stories(stories: int, rows: list[int]) -> None:
    [message] = compose(*(candidate(f"Story {n}") for n in range(stories)))
    assert [len(row) for row in message.buttons] == rows
    assert max(rows) <= BUTTONS_IN_A_ROW
    assert labels(message) == [str(n) for n in range(1, stories + 1)]


def test_stories_are_listed_under_their_section_headings() -> None:
    about = [
        DigestSection("ai", tuple(SelectedStory(candidate(f"Model {n}"), {}) for n in range(2))),
        DigestSection("other", (SelectedStory(candidate("Cheese"), {}),)),
    ]
    for language, headings in (
        ("en", ["🤖 AI", "📌 More stories"]),
        ("de", ["🤖 KI", "📌 Außerdem"]),
    ):
        [message] = compose_digest(describe_digest("daily", NOW.date(), about, "basic", language))
        blocks = check(message).text.split("\n\n")
        assert [block for block in blocks if block in headings] == headings
        assert [block.splitlines()[0] for block in blocks if block[0].isdigit()] == [
            "1. Model 0",
            "2. Model 1",
            "3. Cheese",
        ]
        assert blocks.index(headings[1]) > blocks.index(headings[0]) + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_digest_of_ten_long_excerpts_is_one_message(language: str) -> None:
    """Only the first stories have a line of their discussion then."""
    sentence = "An excerpt begins with a sentence as long as those of many articles, and it has a "
    sentence += "subordinate clause, which nobody can leave out of a quotation of it. "
    said = (
        "mira: “The bridge over the river has been closed since the last flood, and nobody knows "
    )
    talk = discussion(said + "when it opens again for the buses.”")
    stories = [
        candidate(
            f"Story number {n} with a title of a usual length for this site",
            sentences=sentence * 4,
            extractive=True,
            discussion=talk,
        )
        for n in range(10)
    ]
    [message] = compose(*stories, language=language)
    blocks = check(message).text.split("\n\n")[1:]
    lined = ["💬" in block for block in blocks]
    assert len(lined) == 10 and lined[0] and lined == sorted(lined, reverse=True)
    assert len(compose(*stories, *stories[:5], language=language)) == 2, "as few as possible"


def test_a_section_that_continues_in_the_next_message_is_headed_again() -> None:
    stories = tuple(
        SelectedStory(candidate(f"Story {n}", sentences=LONG, discussion=discussion(LONG)), {})
        for n in range(30)
    )
    described = describe_digest("daily", NOW.date(), [DigestSection("ai", stories)], "basic", "en")
    messages = compose_digest(described)
    assert len(messages) > 1
    assert [check(message).text.count("🤖 AI\n") for message in messages] == [1] * len(messages)
    assert all(message.html.startswith("<b>🤖 AI</b>\n") for message in messages[1:])


def test_the_interests_that_chose_a_story_are_named() -> None:
    terms = {"points": 5.0, "interest:sqlite": 1.5, "interest:Rust": 3.0, "interest:cheese": 0.7}
    [message] = digest([SelectedStory(candidate(), terms)])
    assert "⭐ for you: Rust, sqlite\n" in f"{check(message).text}\n"
    [message] = digest([SelectedStory(candidate(), terms)], language="de")
    assert "⭐ passt zu: Rust, sqlite\n" in f"{check(message).text}\n"
    hinted = {"interest:privacy": 0.75}  # by a word such as "data"
    unchosen = {"points": 5.0, "learned:Rust": 3.0, "interest:cheese": -1.0} | hinted
    assert "⭐" not in digest([SelectedStory(candidate(), unchosen)])[0].html


def test_the_discussion_is_a_quotation_that_can_be_opened() -> None:
    voice = DiscussionPoint("somebody: “No.”", (77,))
    talk = Discussion("somebody: “No.”", (), (), extractive=True, voices=(voice,))
    [message] = compose(candidate(discussion=talk))
    assert check(message).links[-1] == "https://news.ycombinator.com/item?id=77"
    assert "<blockquote expandable>💬 somebody: “No.” <a href=" in message.html


def test_a_card_shows_its_state() -> None:
    choice = SelectedStory(candidate(), {})
    first = [
        compose_card(choice, reader(), one, NOW).buttons[0] for one in (state(), state(saved=True))
    ]
    assert [[label for label, _ in row] for row in first] == [
        ["🔖 Save", "👍", "👎"],
        ["✓ Saved", "👍", "👎"],
    ]
    liked = compose_card(choice, reader(), state(likes=1), NOW)
    disliked = compose_card(choice, reader(language="de"), state(dislikes=1), NOW)
    assert labels(liked)[:3] == ["🔖 Save", "✓ 👍", "👎"]
    assert labels(disliked)[:3] == ["🔖 Merken", "👍", "✓ 👎"]
    group = compose_card(choice, reader(kind="group"), state(3, 12, is_private=False), NOW)
    assert labels(group)[:3] == ["🔖 Save", "👍 3", "👎 12"]


def test_a_card_names_what_the_reader_saw_earlier() -> None:
    earlier = [past_story("Cheese was cheaper"), past_story("<b>Wine</b>", url=None)]
    one = SelectedStory(candidate(key_points=("It is yellow.",)), {})
    card = compose_card(one, reader(), state(related=earlier), NOW)
    seen = check(card)
    assert seen.text.split("\n\n")[-1].splitlines() == [
        "Seen earlier",
        "• Cheese was cheaper (14 November 2026)",
        "• <b>Wine</b> (14 November 2026)",
    ]
    assert seen.links[-2:] == [
        earlier[0].url,
        f"https://news.ycombinator.com/item?id={earlier[1].id}",
    ]


def test_the_operators_notice_is_below_the_heading() -> None:
    sections = [DigestSection(None, (SelectedStory(candidate("Cheese"), {}),))]
    for notice in "Down on Sunday <8:00>", "":
        digest = describe_digest("daily", NOW.date(), sections, "basic", "en", notice)
        [message] = compose_digest(digest)
        heading, *_ = message.html.split("\n\n")
        assert heading.split("\n")[1:] == (["<i>Down on Sunday &lt;8:00&gt;</i>"] if notice else [])
