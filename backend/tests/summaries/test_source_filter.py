"""Summaries contain nothing that leads readers away from the story."""

from __future__ import annotations

import time

import pytest

from app.summaries import prompts
from app.summaries.source_filter import SourceFilter
from simulators.llm_writing import HOSTILE

SOURCE = (
    "Node.js 24 is out. The <dialog> element, crates.io and /etc/hosts were spoken of by @dang, "
    "+44 20 7946 0958."
)
FAITHFUL = SourceFilter(SOURCE, site="town.example")
GOOD = "The bridge was rebuilt."


@pytest.mark.parametrize(
    "foreign",
    [
        "Log in at https://evil.example/login now.",
        "Log in at HTTPS://EVIL.EXAMPLE now.",
        "See www.evil.com for more.",
        "See evil.com for more.",
        "See evil.com/a for more.",
        "Claim it at EVIL.COM today.",
        "Claim it at evil.COM today.",
        "Claim it at evil.cOM:8080/a today.",
        "Claim it at sub.sub.sub.sub.sub.sub.sub.sub.sub.sub.evil.com today.",
        "Claim it at ..evil.com or _evil.com today.",
        "It ended at evil.com.Then it began.",
        "See t.me/evil for more.",
        "See tg://resolve?domain=evil for more.",
        "Run javascript:alert(1) now.",
        "Write to boss@evil.com today.",
        "Ask @evil_support for help.",
        "Send /delete_me to the bot.",
        "See https://town.example.evil.com/ for more.",
        "See https://town.example@evil.com/ for more.",
        r"See https://evil.com\@town.example/ for more.",
        "See [the page](https://evil.com) for more.",
        'See <a href="https://evil.com">the page</a> for more.',
        "See ![](https://evil.com/pixel.png) here.",
        "Call evil on +1 (900) 555-0199 now.",
    ],
)
def test_unsourced_addresses_are_removed_with_their_sentence(foreign: str) -> None:
    kept = FAITHFUL.sentences(f"{GOOD} {foreign}", number=3, characters=600)
    assert "evil" not in kept.lower()
    assert kept.startswith(GOOD)
    assert "delete_me" not in kept


@pytest.mark.parametrize(
    "name",
    ["bücher.de", "bücher.de/a", "пример.рф", "xn--e1afmkfd.xn--p1ai", "उदाहरण.भारत", "例え.中国",
     "\u0435vil.com", "93.184.216.34", "93.184.216.34:8080", "1.2.3.4/x"],
)  # fmt: skip
def test_foreign_host_names_in_any_script_are_removed_with_their_sentence(name: str) -> None:
    foreign = f"Visit {name} now."
    assert FAITHFUL.sentences(f"{GOOD} {foreign}", number=3, characters=600) == GOOD
    assert SourceFilter(f"{SOURCE} {foreign}").allows(foreign) == ("/a" not in name)


@pytest.mark.parametrize(
    "own",
    [
        "Node.js 24 is faster, e.g. at start, by 1.5 times.",
        "See https://town.example/bridge for more.",
        "See https://www.town.example/bridge for more.",
        "The <dialog> element and crates.io were spoken of.",
        "It reads /etc/hosts and/or waits 24/7, as in TCP/IP.",
        "It costs $1.2M, i.e. 3.5% more than in the U.S. before.",
        "The town is at +44 20 7946 0958 by day.",
        "It ended.Then it began again.",
        "Es endete.Über Nacht begann es.",
        "Go 1.30 and Python 3.14.1rc2 call np.float64 and os.path_join in the U.S.-based version.",
    ],
)
def test_sourced_addresses_are_kept(own: str) -> None:
    assert FAITHFUL.sentences(own, number=3, characters=600) == own


def test_markup_is_removed_and_its_text_kept() -> None:
    marked = (
        "**The** <b>bridge</b> was `rebuilt`.\n- [It](https://town.example/a) __stands__.\n# End."
    )
    kept = FAITHFUL.sentences(marked, number=5, characters=600)
    assert " ".join(kept.split()) == (
        "The bridge was rebuilt. It https://town.example/a stands. End."
    )


def test_at_signs_before_names_are_removed() -> None:
    kept = FAITHFUL.sentences("It is @dang who said so.", number=1, characters=100)
    assert kept == "It is dang who said so."


def test_long_text_is_cut_after_a_sentence() -> None:
    kept = FAITHFUL.sentences(f"{GOOD} " * 1000, number=1000, characters=100)
    assert kept == " ".join([GOOD] * 4)
    assert FAITHFUL.sentences("word " * 1000, number=3, characters=100).endswith("word…")
    assert FAITHFUL.sentences(HOSTILE, number=3, characters=600) == ""


@pytest.mark.parametrize(
    "piece", ["a", "a.", "a-", "[", "[a](", "<a ", "@", "/a", "**a", "a:", "-."]
)
def test_long_hostile_texts_are_handled_quickly(piece: str) -> None:
    start = time.process_time()
    FAITHFUL.sentences(piece * 100_000, number=3, characters=600)
    assert time.process_time() - start < 5, "the time grows faster than the text"


@pytest.mark.parametrize(
    "tag",
    [
        '<comment id="12" replies_to="1">',
        "<comment id=12>",
        '<comment id="12"',
        '<passage id="p1"/>',
    ],
)
def test_prompt_tags_are_removed_even_if_the_source_contains_them(tag: str) -> None:
    faithful = SourceFilter(f"{tag}{GOOD}")
    kept = faithful.sentences(f"{tag} {GOOD}", number=3, characters=600)
    assert kept == GOOD


def test_material_is_without_the_tags_around_it() -> None:
    message = prompts.story_message("About <title> tags", "A <comment> in a <p>.")
    assert prompts.material(message).split("\n") == [
        "",
        "About ‹title> tags",
        "",
        "",
        "A ‹comment> in a <p>.",
        "",
    ]
