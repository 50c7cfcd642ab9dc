"""Excerpts are sentences of the text, in their order."""

from __future__ import annotations

import pytest

from app.summaries.extractive import MAX_CHARACTERS, SENTENCES, summarise
from app.summaries.summarise import SourceText
from app.text.sentences import joined, split, whole

TEXT = """The town council rebuilt the old stone bridge over the river last year.
Cookies help us.
The bridge had fallen in the flood, and the river had carried its stones away.
A poet lives nearby and likes to walk along quiet lanes on Sunday mornings.
Rebuilding the bridge cost the town two million, more than the flood itself did.
Somebody sold ice cream to the many visitors who came to see the opening."""


PAPER = """In this paper we report on the old stone bridge over the river of a town."""


def test_the_first_sentences_of_a_page_in_their_order() -> None:
    assert summarise(TEXT, lambda _: True) == (
        "The town council rebuilt the old stone bridge over the river last year. … The bridge had"
        " fallen in the flood, and the river had carried its stones away. A poet lives nearby and"
        " likes to walk along quiet lanes on Sunday mornings."
    )


def test_the_most_significant_sentences_of_a_paper_in_their_order() -> None:
    excerpt = summarise(f"{PAPER}\n{TEXT}", lambda _: True)
    assert excerpt.startswith(PAPER)
    assert excerpt.endswith("more than the flood itself did.")
    assert "poet" not in excerpt
    assert "Cookies" not in excerpt


FIRST = "The town council rebuilt the old stone bridge over the river last year."
LAST = "A poet who lives nearby walks along the quiet lanes on Sunday mornings."


@pytest.mark.parametrize(
    ("between", "gap"),
    [
        ("", " "),
        ("\nA heading about poets\n", " "),  # no sentence is left out
        ("\nSubscribe to our newsletter here for more.\n", " "),
        (" It failed. ", " It failed. "),  # it leads on
        (" Who lives there? ", " Who lives there? "),
        ("\nIt failed.\n", " … "),  # a paragraph of its own leads to nothing
        (" It failed. It broke. ", " … "),
        (" It failed (and broke. ", " … "),
    ],
)
def test_a_gap_between_sentences_is_marked(between: str, gap: str) -> None:
    text = f"{FIRST}{between or ' '}{LAST}"
    assert summarise(text, everything) == f"{FIRST}{gap}{LAST}"


def test_an_authors_mark_does_not_look_like_a_gap() -> None:
    assert summarise(f"{FIRST} … {LAST}", everything) == f"{FIRST} {LAST}"
    assert summarise(f"{FIRST} It failed. It broke. … {LAST}", everything) == f"{FIRST} … {LAST}"


def test_a_disallowed_sentence_does_not_lead_on() -> None:
    text = f"{FIRST} Write to spam. {LAST}"
    assert summarise(text, lambda one: "spam" not in one) == f"{FIRST} … {LAST}"


def test_an_excerpt_with_gaps_is_shortened_between_its_sentences() -> None:
    excerpt = f"{FIRST} … {LAST}"
    assert split(excerpt) == [FIRST, f"… {LAST}"]
    assert whole(split(excerpt), 100) == FIRST
    unspaced = "川にかかる古い石の橋は、去年の大きな洪水で流された。"
    assert joined([unspaced, "…", unspaced]) == f"{unspaced}…{unspaced}"
    assert split(f"{unspaced}…{unspaced}") == [unspaced, f"…{unspaced}"]


def test_disallowed_sentences_are_not_chosen() -> None:
    assert "council" not in summarise(TEXT, lambda sentence: "council" not in sentence)


def test_endless_texts_and_sentences() -> None:
    assert len(summarise(TEXT * 10_000, lambda _: True)) <= MAX_CHARACTERS
    assert summarise("word " * 100_000, lambda _: True) == ""
    assert summarise("", lambda _: True) == ""


def test_a_heading_is_not_a_sentence() -> None:
    heading = "The old stone bridge over the river and the council"
    excerpt = summarise(f"{heading}\n{TEXT}", lambda _: True)
    assert excerpt.startswith("The town council rebuilt the old stone bridge")
    assert heading not in excerpt


def test_texts_without_spaces() -> None:
    text = (
        "川にかかる古い石の橋は、去年の大きな洪水で流された。"
        "町の議会は、新しい橋を木ではなく鉄で造ることに決めた。"
        "工事の費用は、住民の寄付と県の補助金でまかなわれる。"
    ) * 10
    assert SourceText(text, "article").enough
    assert summarise(text, lambda _: True).count("。") == SENTENCES


def test_definitions_come_before_prices() -> None:
    readme = """⭐ If you like this project, please give us a star on the page above!
Sponsor this project to help us with the bills of the servers that we rent.
Reef is a build cache that fits into nine hundred lines of plain C code.
Run pip install reef in a terminal of yours and everything will be installed.
It keeps what was built by the hash of what it was built from, on a disk.
This software is licensed under the MIT license and comes without warranty of any kind."""
    assert summarise(readme, lambda _: True).split(". ") == [
        "Reef is a build cache that fits into nine hundred lines of plain C code",
        "It keeps what was built by the hash of what it was built from, on a disk.",
    ]


def test_repetitions_and_dangling_references_are_skipped() -> None:
    text = """They had agreed on that before anybody else came to hear of the plan.
The council of the town wants to rebuild the old stone bridge next year.
The council of the old town wants to rebuild the stone bridge next year.
An applicant from the north has offered to build all of it out of glass.
A second offer came from a firm that has built eleven bridges of steel so far.
The applicant would need four years for it and eleven million for the work alone."""
    excerpt = summarise(text, lambda _: True)
    assert excerpt.startswith("The council of the town wants")
    assert excerpt.count("rebuild") == 1
    assert not excerpt.startswith("They")
    assert ("The applicant" in excerpt) <= ("An applicant" in excerpt)


def test_markup_characters_are_removed() -> None:
    text = "A: Everything that this **small** `tool` does is done for those who use it all day."
    assert summarise(text, lambda _: True) == (
        "Everything that this small `tool` does is done for those who use it all day."
    )


def test_table_cells_count_only_if_they_contain_sentences() -> None:
    table = """| SLG46620V block diagram (from device datasheet) |
| | |
|---|---|
| Pin one is the supply. | Connected to the battery of the old board! |
N 47.12345 W 122.54321 N 47.22345 W 122.64321 N 47.32345 W 122.74321."""
    assert summarise(table, lambda _: True) == "Connected to the battery of the old board!"
    lines = TEXT.split("\n")
    page = f"| {lines[0]} {lines[2]}\n- {lines[4]} | | x |"
    assert summarise(page, lambda _: True) == f"{lines[0]} {lines[2]} {lines[4]}"


def everything(_: str) -> bool:
    return True


def test_datelines_times_and_greetings_are_removed() -> None:
    sentence = "The operator of the grid ordered rolling blackouts on Friday after two failures."
    for beginning in (
        "AUSTIN, Texas (AP) — ",
        "14:32 CET — ",
        "3:14 p.m. – ",
        "Hey HN, ",
        "Dear all! ",
    ):
        assert summarise(f"{beginning}{sentence}", everything) == sentence


def test_pronunciations_are_removed() -> None:
    text = "The Maillard reaction (/maɪˈjɑːr/ my-YAR; French: [majaʁ]) gives food its brown colour."
    assert summarise(text, everything) == ("The Maillard reaction gives food its brown colour.")


def test_answers_in_an_interview_name_the_speaker() -> None:
    text = """ANNA: How long have you lived on the island with the lighthouse?
MARGA: Since I came for one summer in 1988 with a boat that broke. I never left.
ANNA: Who will look after the lamp when you have gone one day?
MARGA: Somebody in an office will look at a green dot on a screen."""
    excerpt = summarise(text, everything)
    assert "?" not in excerpt
    assert "I never left" not in excerpt
    assert "MARGA: Somebody in an office" in excerpt


def test_a_slogan_is_not_the_opening() -> None:
    text = """Queries in under two milliseconds, every time.
Quillbase stores documents as trees of edits that can be queried with SQL."""
    assert summarise(text, everything, title="Show HN: Quillbase").startswith("Quillbase stores")


def test_a_sentence_that_repeats_the_title_is_skipped() -> None:
    text = """Why is processing a sorted array faster than an unsorted one?
Without sorting, the code runs for eleven seconds on this machine."""
    title = "Why is processing a sorted array faster than an unsorted array?"
    assert summarise(text, everything, title=title) == (
        "Without sorting, the code runs for eleven seconds on this machine."
    )


def test_references_to_skipped_short_sentences_are_skipped() -> None:
    text = """Tinyq is a job queue for Python that keeps its jobs in a file.
This is alpha software.
It must not be used for anything that matters to anybody at all."""
    assert "must not" not in summarise(text, everything)
    assert "must not" in summarise(text.replace("This is alpha software.\n", ""), everything)


def test_sentences_with_unexplained_references_are_skipped() -> None:
    text = """In 2017 the agency announced a competition for the fastest code in Fortran.
The applicant had to be at least eighteen years of age and live in one state."""
    assert "applicant" not in summarise(text, everything)


def test_sentences_with_unbalanced_brackets_are_skipped() -> None:
    text = """People drop in more often since the language came out last week.
(They ask: what are the numbers on this so far? Nobody has them.) It is a good sign for all."""
    assert "(" not in summarise(text, everything)


def test_unspaced_sentences_are_joined_without_a_space() -> None:
    text = "市は駅前の時計塔を六十年ぶりに動かすと発表した。地元の時計職人五人が部品を作り直した。"
    assert summarise(text, everything) == text


def test_sentences_without_their_beginning_are_skipped() -> None:
    text = f"letter of 1412 complains about its cost to the council.\n{TEXT}"
    assert "letter" not in summarise(text, everything)
    named = "tern is a broker that fits into one binary of two megabytes."
    assert summarise(f"{named}\n{TEXT}", everything, title="tern: a tiny broker").startswith(named)
    small = (
        "we measured four parsers on a file of two gigabytes.\nthe fastest needs the least memory."
    )
    assert summarise(small, everything).startswith("we measured")


def test_references_of_a_text_to_itself_are_kept() -> None:
    abstract = "This document defines the Teapot header field, by which a server says what it is."
    assert summarise(f"{abstract}\n{TEXT}", everything).startswith(abstract)


def test_questions_are_skipped() -> None:
    asked = "What did the town council pay for the old stone bridge over the river?"
    assert asked not in summarise(f"{TEXT}\n{asked}", everything)


def test_agency_datelines_are_removed() -> None:
    said = "Die Holzbrücke am Moor wird nach 40 Jahren bis Dez. 2027 durch eine aus Stahl ersetzt."
    assert summarise(f"Moorburg (dpa) – {said}", everything) == said


def test_a_pronoun_needs_its_name_in_the_same_paragraph() -> None:
    rejected = (
        "The court in Ellin rejected the patent on folding ladders nine years after its grant."
    )
    person = "He said that he would now go back to the making of ordinary ladders."
    assert summarise(f"{rejected}\n{person}", everything) == rejected
    assert summarise(f"{rejected} {person}", everything) == f"{rejected} {person}"


def test_answers_to_skipped_questions_are_skipped() -> None:
    faq = "Does it need the internet?\nNo. The sensors talk to a box in the shed by radio."
    assert "No." not in summarise(f"{TEXT}\n{faq}", everything)
    numbered = "No. 3 reactor at Mt. Vernon tripped first, and the others followed within a minute."
    assert summarise(numbered, everything) == numbered


@pytest.mark.parametrize("first", ["Run it with", "Read them as", "Use that as"])
def test_instructions_about_something_that_is_skipped_are_skipped(first: str) -> None:
    text = (
        "Our program needed 640 milliseconds to print the number of its version until June."
        " Python will tell you. "
        f"{first} the option for imports, and the program prints every module with its time."
    )
    assert "option" not in summarise(text, everything)


@pytest.mark.parametrize("date", ["Feb. 23, 2015 --", "23 February 2015 –", "March 3, 2026 —"])
def test_a_date_before_the_text_is_removed(date: str) -> None:
    said = "Lamps that go out by themselves have become rarer in the past decade."
    assert summarise(f"{date} {said}", everything) == said


@pytest.mark.parametrize("answer", ["Well, his neighbour, whose lamp", "Granted, the old lamp"])
def test_an_answer_to_a_skipped_sentence_is_skipped(answer: str) -> None:
    text = (
        "The lamps of the harbour were painted green last spring by the city's own painters."
        f" Who wanted that? {answer} had been white for ninety years and more."
    )
    assert "ninety" not in summarise(text, everything)


def test_a_draft_may_begin_with_itself() -> None:
    text = "This draft describes how lamps of two makers agree on the time of day."
    assert summarise(text, everything) == text


def test_rows_of_a_table_are_not_what_a_list_is_about() -> None:
    about = "The list names lighthouses that were moved inland, with the year of each move.: 207"
    row = "| Tarvik | 1947 | The keeper, who had shot at a gull, wishes to live the year again. |"
    assert summarise(f"{about}\n{row}\n{row}", everything) == about.removesuffix(": 207")
    layout = "The keeper of Tarvik lived alone for a year and wrote a letter each day."
    assert summarise(f"| {layout} |", everything) == layout


TAKEN_BACK = "Update: this turned out to be wrong, because the scales were broken."


@pytest.mark.parametrize("at", [0, 3, 6])
def test_what_takes_a_text_back_comes_first(at: int) -> None:
    lines = TEXT.split("\n")
    lines.insert(at, TAKEN_BACK)
    excerpt = summarise("\n".join(lines), everything)
    assert excerpt.startswith(f"{TAKEN_BACK} … The town council")
    assert excerpt.count("wrong") == 1
    assert len(split(excerpt)) <= SENTENCES


def test_a_retracted_title_is_told() -> None:
    excerpt = summarise(f"RETRACTED: A bridge of glass\n{TEXT}", everything)
    assert excerpt.startswith("RETRACTED: A bridge of glass. … The town council")


def test_a_text_whose_notice_may_not_be_told_has_no_excerpt() -> None:
    assert summarise(f"{TEXT}\n{TAKEN_BACK}", lambda one: "Update" not in one) == ""
    endless = TAKEN_BACK.replace("scales", "scales " * 100)
    assert summarise(f"{TEXT}\n{endless}", everything) == ""
