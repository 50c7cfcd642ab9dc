"""Selection: best first, by taste, nothing seen or muted, each event once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from app.digests.candidates import WEEKLY_AGE, Candidate, Discussion, DiscussionPoint, Summary
from app.digests.round import AGE, BARE, Round
from app.digests.select import (
    EVENT,
    INTEREST_WEIGHT,
    SAME_EVENT,
    SAME_SITE,
    SITE,
    SelectedStory,
    personal_terms,
    select,
)
from app.readers.interests.corrections import Correction
from app.readers.interests.evidence import MENTIONED
from app.readers.tastes import FEEDBACK, Interest, Taste
from tests.digests.stories import NOW, candidate, discussion, interested_in


def choose(
    candidates: list[Candidate],
    taste: Taste = Taste(),  # noqa: B008 - immutable
    **options: Any,
) -> list[SelectedStory]:
    seen = options.pop("seen", ())
    values: dict[str, Any] = {"minimum_points": 0, "count": 7}
    return select(Round(candidates, NOW), taste, seen, **values | options)


def titles(choices: list[SelectedStory]) -> list[str]:
    return [choice.candidate.title for choice in choices]


def test_points_comments_and_recency_count() -> None:
    stories = [
        candidate("Average"),
        candidate("Popular", points=500),
        candidate("Discussed", comment_count=500),
        candidate("Old", first_seen_at=NOW - timedelta(hours=40)),
    ]
    assert titles(choose(stories)) == ["Popular", "Discussed", "Average", "Old"]


def test_no_more_than_asked_for() -> None:
    assert len(choose([candidate() for _ in range(30)], count=5)) == 5


def test_an_interest_beats_twenty_times_the_points() -> None:
    stories = [candidate("Something else", points=1500), candidate("SQLite internals", points=100)]
    assert titles(choose(stories)) == ["Something else", "SQLite internals"]
    assert titles(choose(stories, interested_in("sqlite")))[0] == "SQLite internals"


def test_a_phrase_is_one_interest() -> None:
    stories = [candidate("Learning a machine tool"), candidate("On machine learning", points=90)]
    assert titles(choose(stories, interested_in("machine learning")))[0] == "On machine learning"


@pytest.mark.parametrize(
    ("interest", "title"),
    [("go", "Go 1.30 released"), ("swift", "Swift 6.2 released"), ("python 3", "Python 3.15.0a1")],
)
def test_an_interest_has_versions(interest: str, title: str) -> None:
    [choice] = choose([candidate(title)], interested_in(interest))
    assert choice.terms[f"interest:{interest}"] == INTEREST_WEIGHT
    assert not choose([candidate(title)], Taste((), (interest.replace("go", "go 1"),)))


@pytest.mark.parametrize("where", ["sentences", "topics"])
def test_summary_and_topics_are_searched_too(where: str) -> None:
    said: Any = ["Beekeeping"] if where == "topics" else "All about beekeeping."
    stories = [candidate("One"), candidate("Two", points=50, **{where: said})]
    assert titles(choose(stories, interested_in("beekeeping")))[0] == "Two"


def test_seen_stories_are_never_chosen_again_under_any_id() -> None:
    again = candidate("Again", duplicates=(900_001,))
    new = candidate("New")
    assert titles(choose([again, new], seen={again.id})) == ["New"]
    assert titles(choose([again, new], seen={900_001})) == ["New"]


def test_muted_words_and_sites_and_low_points_are_left_out() -> None:
    stories = [
        candidate("Bitcoin falls"),
        candidate("From a muted site", site="spam.example"),
        candidate("From a part of one", site="blog.spam.example"),
        candidate("From somebody there", site="spam.example/somebody"),
        candidate("From a host of one", site="own.example", url="https://blog.own.example/1"),
        candidate("Nearly so", site="notspam.example"),
        candidate("Unpopular", points=9),
    ]
    taste = Taste((), ("bitcoins",), ("spam.example", "blog.own.example"))
    assert titles(choose(stories, taste, minimum_points=10)) == ["Nearly so"]


def test_a_muted_word_is_found_wherever_it_would_be_shown() -> None:
    said = "Paid in bitcoin."
    voices = (DiscussionPoint("Paid in silver.", (1,)), DiscussionPoint(said, (2,)))
    stories = [
        candidate("Its technical summary says so", summaries=_summaries(said)),
        candidate("A key point says so", key_points=(said,)),
        candidate("Commenters say so", discussion=discussion(said)),
        candidate("They agree so", discussion=Discussion(None, (DiscussionPoint(said, (1,)),), ())),
        candidate(
            "They differ so", discussion=Discussion(None, (), (DiscussionPoint(said, (1,)),))
        ),
        candidate("A comment says so", discussion=Discussion("a", (), (), True, voices)),
        candidate("#BITCOIN"),
        candidate("Its site says so", site="blog.bitcoin.example"),
        candidate("Nothing says so", sentences="Paid in silver.", site="silver.example"),
    ]
    assert titles(choose(stories, Taste((), ("bitcoin",)), count=10)) == ["Nothing says so"]


def _summaries(technical: str) -> dict[str, Summary]:
    return {
        style: Summary(sentences, (), False, "article", None)
        for style, sentences in (("basic", "It was paid."), ("technical", technical))
    }


def test_an_event_is_chosen_once_while_there_are_other_stories() -> None:
    event = [
        candidate(f"GPT-7 {words}", points=2000) for words in ("is here", "benchmarks", "tested")
    ]
    others = [
        candidate(f"{word} matters", points=20) for word in ("Cheese", "Wood", "Iron", "Salt")
    ]
    chosen = titles(choose([*event, *others], count=5))
    assert len([title for title in chosen if "GPT-7" in title]) == 1


def test_an_event_is_chosen_at_most_twice() -> None:
    event = [candidate(f"GPT-7 {words}") for words in ("is here", "benchmarks", "tested", "woes")]
    stories = [
        *event,
        *(candidate(f"{word} matters") for word in ("Cheese", "Wood", "Iron", "Salt")),
    ]
    chosen = choose(stories, count=8)
    about = [choice for choice in chosen if "GPT-7" in choice.candidate.title]
    assert len(about) == 2
    assert EVENT in about[1].terms


def test_a_site_does_not_fill_the_digest_of_others() -> None:
    popular = [candidate(f"{word} there", site="big.example", points=120) for word in "ABCDEF"]
    others = [candidate(f"{word} here", points=100) for word in "GHIJKL"]
    sites = [choice.candidate.site for choice in choose([*popular, *others], count=6)]
    assert 1 <= sites.count("big.example") <= 2


def test_one_site_alone_still_makes_a_digest() -> None:
    stories = [candidate(f"{word} there", site="big.example") for word in "ABCDEF"]
    chosen = choose(stories, count=6)
    assert len(chosen) == 6
    assert chosen[5].terms[SITE] == -5


def test_feedback_changes_a_storys_score() -> None:
    stories = [candidate("Haskell today", points=100), candidate("Ocaml today", points=101)]
    assert titles(choose(stories))[0] == "Ocaml today"
    liked = Taste((Interest("haskell", 0.3, FEEDBACK, "Haskell yesterday", False),))
    assert titles(choose(stories, liked))[0] == "Haskell today"
    disliked = Taste((Interest("ocaml", -0.3, FEEDBACK, "Ocaml yesterday", False),))
    assert titles(choose(stories, disliked))[0] == "Haskell today"


def test_a_corrected_sense_does_not_match() -> None:
    stories = [candidate("Claude Fontaine in Ghent", points=90), candidate("Cheese", points=100)]
    named = interested_in("AI")
    assert titles(choose(stories, named))[0] == "Claude Fontaine in Ghent"
    corrected = replace(named, corrections=(Correction("AI", "Claude Fontaine in Montreal"),))
    assert titles(choose(stories, corrected))[0] == "Cheese"


def test_the_terms_add_up_to_the_score_and_name_the_interest() -> None:
    [choice] = choose([candidate("SQLite internals")], interested_in("sqlite"))
    assert choice.terms["interest:sqlite"] == INTEREST_WEIGHT
    assert choice.score == pytest.approx(sum(choice.terms.values()))
    assert choice.terms[AGE] == pytest.approx(-2 * 10 / 48)


def test_age_counts_less_in_a_weekly_digest() -> None:
    [story] = [candidate(first_seen_at=NOW - timedelta(hours=24))]
    daily, weekly = Round([story], NOW), Round([story], NOW, WEEKLY_AGE)
    assert daily.terms[0][AGE] < weekly.terms[0][AGE] < 0


def test_nothing_to_choose_from() -> None:
    assert choose([]) == []


def test_hostile_numbers_and_titles_do_no_harm() -> None:
    future = candidate("From the future", first_seen_at=NOW + timedelta(days=3))
    negative = candidate("Downvoted", points=0, comment_count=-1)
    endless = candidate("word " * 1_000_000)
    empty = candidate("")
    assert len(choose([future, negative, endless, empty], interested_in("word"))) == 4


def test_similar_test_stories_still_make_a_digest() -> None:
    assert len(choose([candidate(f"Test story {n}") for n in range(7)])) == 7


def test_what_a_title_names_counts_more_than_what_a_summary_mentions() -> None:
    stories = [
        candidate("One", sentences="It was found by beekeepers and others.", points=110),
        candidate("The life of beekeepers", sentences="They are many.", points=100),
        candidate("Three", sentences="Something else entirely happened."),
    ]
    chosen = choose(stories, interested_in("beekeeper"))
    assert titles(chosen) == ["The life of beekeepers", "One", "Three"]
    assert chosen[0].terms["interest:beekeeper"] == INTEREST_WEIGHT
    assert chosen[1].terms["interest:beekeeper"] == INTEREST_WEIGHT * MENTIONED


def test_interests_that_mean_the_same_do_not_add_up_without_end() -> None:
    [choice] = choose(
        [candidate("SQLite as a database")], interested_in("sqlite", "database", "databases")
    )
    interests = sorted(
        (value for name, value in choice.terms.items() if name.startswith("interest:")),
        reverse=True,
    )
    assert interests == [INTEREST_WEIGHT, INTEREST_WEIGHT / 2, INTEREST_WEIGHT / 4]


def test_stories_without_any_text_rank_lower() -> None:
    told = candidate("Told", sentences="It happened on Tuesday.", points=50)
    discussed = candidate("Discussed", discussion=discussion("They agree."), points=50)
    bare = candidate("Bare", points=150)
    chosen = choose([bare, told, discussed])
    assert titles(chosen)[-1] == "Bare"
    assert chosen[-1].terms[BARE] == -2
    assert all(BARE not in choice.terms for choice in chosen[:2])


def test_each_choice_is_the_best_of_all_that_are_left() -> None:
    """Sites and interests change the order; here every story is tried each time."""
    chance = Random(7)
    stories = [
        candidate(
            chance.choice(["On SQLite", "On a compiler", "About gardens", "About rivers"])
            + f" {n}",
            points=chance.randrange(5, 300),
            site=f"site{chance.randrange(6)}.example",
        )
        for n in range(60)
    ]
    taste = interested_in("sqlite", "compilers")
    common = Round(stories, NOW)
    personal = personal_terms(common, taste)
    left = [place for place, story in enumerate(stories) if story.points >= 50]
    expected: list[int] = []

    def score(place: int) -> float:
        same_site = sum(stories[one].site == stories[place].site for one in expected)
        same_event = sum(common.events[one] == common.events[place] for one in expected)
        penalties = SAME_SITE * same_site + SAME_EVENT * same_event
        return common.scores[place] + sum(personal.get(place, {}).values()) - penalties

    while len(expected) < 12:
        expected.append(max((place for place in left if place not in expected), key=score))
    chosen = select(common, taste, (), minimum_points=50, count=12)
    assert [one.candidate for one in chosen] == [stories[place] for place in expected]
