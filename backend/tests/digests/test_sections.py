"""Stories are put under up to four headings, with or without topics from the model."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.digests.sections import MAX_SECTIONS, OTHER, DigestSection, arrange
from app.digests.select import SelectedStory
from app.digests.subjects import FROM_READERS, SUBJECTS, subject_of, subjects_of
from app.wording import LANGUAGES, text
from tests.digests.stories import candidate

TITLES = {
    "ai": ["Qwen3.8-2.4T", "How I use LLMs to learn", "GPT5.6 is out", "Grok 4.3"],
    "programming": ["Python 3.15: what is new", "GCC 16 has been released", "A parser in Zig"],
    "security": ["A zero day in a VPN", "Passkeys and passwords", "Malware in a font"],
    "science": ["A black hole that sings", "Proof of a conjecture by two mathematicians"],
    "society": ["Court rules on a ban of social media", "Parliament votes on a tax"],
    "business": ["A startup raises a Series A", "Layoffs and the price of shares"],
    "culture": ["A novel about a composer", "The photographer of empty museums"],
    "machines": ["A laptop with a Raspberry Pi inside", "New ARM processor, old Bluetooth driver"],
}
NOTHING = ["Ordinary Abundance", "Severance", "On being late", "Three steps"]


def chosen(*titles: str) -> list[SelectedStory]:
    return [SelectedStory(candidate(title), {}) for title in titles]


def subjects(sections: tuple[DigestSection, ...]) -> list[str | None]:
    return [section.subject for section in sections]


@pytest.mark.parametrize(
    ("subject", "title"), [(key, title) for key, titles in TITLES.items() for title in titles]
)
def test_subjects_are_found_by_titles(subject: str, title: str) -> None:
    about = subjects_of(candidate(title))
    assert max(about, key=about.__getitem__, default=None) == subject


def test_subjects_are_found_by_the_models_topics() -> None:
    about = subjects_of(candidate("Ordinary Abundance", topics=("machine learning", "gpus")))
    assert max(about, key=about.__getitem__) == "ai"


def test_what_only_the_summary_mentions_weighs_less_than_the_title() -> None:
    told = "Python, Rust, Zig, JavaScript, a compiler, a parser and a debugger are not its subject."
    about = subjects_of(candidate("A vaccine", sentences=told))
    assert max(about, key=about.__getitem__) == "science"
    assert about["programming"] > 0


@pytest.mark.parametrize(
    ("title", "subject"),
    [
        ("A greenhouse at 12 °C all winter", "programming"),
        ("Boiling at 90℃", "programming"),
        ("A library that lends ladders", "programming"),
        ("A small language model reads handwritten forms", "culture"),
    ],
)
def test_a_word_inside_another_expression_tells_nothing(title: str, subject: str) -> None:
    assert subject not in subjects_of(candidate(title))


@pytest.mark.parametrize("kind", ["show", "ask"])
def test_show_hn_and_ask_hn_are_a_subject_where_nothing_else_is(kind: str) -> None:
    assert subject_of(candidate("Eighteen of them", kind=kind)) == FROM_READERS
    assert subject_of(candidate("A compiler for Rust", kind=kind)) == "programming"
    assert subject_of(candidate("Eighteen of them")) is None


def test_ask_hn_and_show_hn_share_a_section() -> None:
    posts = [candidate("Eighteen of them", kind=kind) for kind in ("ask", "show")]
    sections = arrange([*chosen(*TITLES["ai"]), *(SelectedStory(post, {}) for post in posts)])
    assert subjects(sections) == ["ai", FROM_READERS]


def test_the_only_story_of_its_subject_is_in_the_last_section() -> None:
    sections = arrange(chosen(TITLES["security"][0], *TITLES["ai"][:2], NOTHING[0]))
    assert subjects(sections) == ["ai", OTHER]
    assert [one.candidate.title for one in sections[1].choices] == [
        TITLES["security"][0],
        NOTHING[0],
    ]


def test_a_story_is_in_the_section_of_its_subject_or_in_the_last_one() -> None:
    every = chosen(*NOTHING, *(title for titles in TITLES.values() for title in titles))
    generator = random.Random(3)
    for _ in range(200):
        for section in arrange(generator.sample(every, generator.randint(4, 20))):
            for one in section.choices:
                assert section.subject in (None, OTHER, subject_of(one.candidate))


def test_subjects_of_several_stories_become_sections_and_the_rest_comes_last() -> None:
    titles = [*TITLES["ai"][:2], NOTHING[0], *TITLES["programming"], NOTHING[1]]
    sections = arrange(chosen(*titles))
    assert subjects(sections) == ["ai", "programming", OTHER]
    assert [[one.candidate.title for one in section.choices] for section in sections] == [
        TITLES["ai"][:2],
        TITLES["programming"],
        NOTHING[:2],
    ]


def test_if_most_stories_have_no_section_there_are_none() -> None:
    titles = [*TITLES["ai"][:2], *NOTHING[:2]]
    assert subjects(arrange(chosen(*titles))) == ["ai", OTHER]
    assert subjects(arrange(chosen(*titles, NOTHING[2]))) == [None]


def test_sections_stand_in_the_order_of_their_best_stories() -> None:
    titles = [TITLES["science"][0], *TITLES["ai"], TITLES["science"][1]]
    assert subjects(arrange(chosen(*titles))) == ["science", "ai"]


def test_few_stories_have_no_sections() -> None:
    for number in range(1, 4):
        [section] = arrange(chosen(*TITLES["ai"][:number]))
        assert section.subject is None
        assert len(section.choices) == number
    assert arrange([]) == ()


def test_stories_of_one_subject_need_no_headings() -> None:
    [section] = arrange(chosen(*TITLES["ai"]))
    assert section.subject is None


def test_of_many_subjects_those_with_the_most_stories_have_sections() -> None:
    names = ("security", "programming", "ai", "science", "culture")
    titles = [title for name in names for title in TITLES[name]]
    sections = arrange(chosen(*titles))
    assert subjects(sections) == ["security", "programming", "ai", OTHER]
    four = [title for name in names[:4] for title in TITLES[name]]
    assert subjects(arrange(chosen(*four))) == list(names[:4])


def test_stories_about_nothing_known_have_no_heading() -> None:
    [section] = arrange(chosen(*NOTHING))
    assert section.subject is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from([*NOTHING, *(one for some in TITLES.values() for one in some)]),
        min_size=4,
        max_size=20,
    )
)
def test_any_stories_make_at_most_four_sections_and_none_is_lost(titles: list[str]) -> None:
    stories = chosen(*titles)
    sections = arrange(stories)
    assert len(sections) <= MAX_SECTIONS
    assert len(set(subjects(sections))) == len(sections)
    assert OTHER not in subjects(sections)[:-1]
    placed = [one for section in sections for one in section.choices]
    assert sorted(placed, key=stories.index) == stories
    for section in sections:
        assert section.choices
        assert list(section.choices) == sorted(section.choices, key=stories.index)
    for section in sections:
        if section.subject not in (None, OTHER):
            assert len(section.choices) > 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_subject_has_a_heading(language: str) -> None:
    headings = [text(f"subject.{subject}", language) for subject in (*SUBJECTS, OTHER)]
    assert len(set(headings)) == len(headings)


def test_words_that_are_as_often_about_code_make_no_section_of_culture() -> None:
    titles = (
        *(
            "Making a Python command start faster by reading its imports",
            "A parser library in Rust",
        ),
        *("Drawing a typeface for a novel", "A museum of film posters", *TITLES["ai"]),
    )
    sections = arrange(chosen(*titles))
    culture = [one for one in sections if one.subject == "culture"]
    named = {one.candidate.title for section in culture for one in section.choices}
    assert named <= {"Drawing a typeface for a novel", "A museum of film posters"}
