"""What a source says passes in other words; another name, speaker or quotation does not."""

from __future__ import annotations

import pytest

from app.summaries.claims.evidence import SourcePart
from app.summaries.claims.filter import SentenceFilter
from bench import claims

ARTICLE = """The harbour town of Ostmere will replace its 1,400 street lamps by the end of 2027, \
the council decided on Monday. The new lamps need 38 watts instead of 110.

"We are not doing this for the view of the stars," said Marta Ibsen, who heads the works \
department. Her predecessor, Karl Venn, had rejected the plan in 2019 because it was too expensive.

The fishermen's union objected that the quays would be too dark. Its secretary, Nils Aabel, \
demanded that the old lamps stay at pier four. A trial in Lund Street had cut the electricity bill \
by a third."""
COMMENTS = [
    SourcePart("I swapped the lamps in my street for LEDs. The bill fell by 40 percent.", "ada"),
    SourcePart("Cheap LEDs failed after two winters here, so buy good ones.", "bob"),
    SourcePart("Our town did the same and the bill fell a lot as well.", "eve"),
]
# What was measured over all pairs; `bench.claims` has the bounds that are wanted.
PERCENT_LET_THROUGH, PERCENT_DROPPED = 7.1, 18.6
TITLE = "Ostmere swaps its street lamps"


def article() -> SentenceFilter:
    return SentenceFilter([SourcePart(ARTICLE)], TITLE, "Summarise the story in two sentences.")


def discussion() -> SentenceFilter:
    return SentenceFilter(COMMENTS, TITLE, "Summarise the discussion.")


@pytest.mark.parametrize(
    "sentence",
    [
        "By the end of 2027 Ostmere will have replaced 1,400 lamps in its streets.",
        "The new lamps use 38 watts, where the old ones needed 110.",
        "Karl Venn turned the plan down in 2019 because of its cost.",
        'Ibsen said they were "not doing this for the view of the stars".',
        "Nils Aabel of the fishermen's union wants the old lamps at pier four to stay.",
        "A trial in Lund Street lowered the electricity bill by about 33%.",
    ],
)
def test_supported_claims_are_kept(sentence: str) -> None:
    assert article().verdict(sentence).kept, article().verdict(sentence)


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("By the end of 2028 Ostmere will have replaced 1,400 street lamps.", "date"),
        ("By the end of 2027 Ostmere will have replaced 4,100 street lamps.", "number"),
        ("The new lamps need 38 kilowatts instead of 110.", "number"),
        (
            "The trial in Lund Street had cut the electricity bill by half a million euros.",
            "number",
        ),
        ("Marta Ibsen had rejected the plan in 2019 because it was too expensive.", "name"),
        ("The harbour town of Westmere will replace its street lamps.", "name"),
        ("President Alvarez said the quays would be too dark.", "name"),
        ('Ibsen said they were "not doing this for the love of the stars".', "quotation"),
        ("Marta Ibsen demanded that the old lamps stay at pier four.", "name"),
        (
            "Several insurers have offered the neighbouring villages cheaper contracts.",
            "unsupported",
        ),
        ("Oracle has delivered software for the whole database of the region.", "name"),
    ],
)
def test_unsupported_claims_are_dropped(sentence: str, reason: str) -> None:
    assert article().verdict(sentence).reason in {reason, "speaker", "unsupported"}


@pytest.mark.parametrize(
    ("sentence", "cited", "kept"),
    [
        ("ada's bill fell by 40% after the lamps were swapped.", {0}, True),
        ("According to bob, cheap LEDs broke after two winters.", {1}, True),
        ("Several commenters say that the bill fell.", {0, 2}, True),
        ("Several commenters say that the bill fell.", {0, 1}, False),
        ("Several commenters say that cheap LEDs failed.", {1, 2}, False),
        ("eve says that cheap LEDs failed after two winters.", {1}, False),
        ("bob's bill fell by 40 percent.", {0}, False),
        ("ada's bill fell by 14 percent.", {0}, False),
    ],
)
def test_claims_are_checked_against_the_cited_comments(
    sentence: str, cited: set[int], kept: bool
) -> None:
    verdict = discussion().verdict(sentence, cited)
    assert verdict.kept == kept, verdict


@pytest.mark.parametrize(
    "words",
    [
        "ping",
        "${0d}y",
        "100000100",
        "string",
        "...",
        "The new lamps need 38 watts...",
        "The new lamps need 38 watts instead of",
        "because it was too expensive.",
        "Because the lamps were too expensive.",
        "The new lamps need",
        "lamps lamps lamps lamps lamps.",
        "Here is a summary of the story about street lamps.",
        "Ostmere swaps its street lamps.",
        "Summarise the story in two sentences.",
        "{{summary}} The new lamps need 38 watts.",
        'The council said "the new lamps need 38 watts.',
        "Die neuen Lampen brauchen 38 Watt, und die alten haben 110 gebraucht.",
    ],
)
def test_text_that_is_not_a_sentence_is_not_shown(words: str) -> None:
    assert not article().verdict(words).kept


def test_repetitions_are_dropped() -> None:
    told = "The new lamps need 38 watts instead of 110."
    again = "The lamps need 38 watts now, instead of 110."
    checked = article()
    assert checked.kept([told, again]) == [told]
    assert checked.kept([again], before=[told]) == []
    assert [one.verdict.reason for one in checked.dropped] == ["repetition", "repetition"]


def test_the_error_rates_do_not_increase() -> None:
    """All written pairs, also those of which the checker's makers had seen nothing."""
    folders = [one for one in sorted(claims.PAIRS.iterdir()) if one.is_dir()]
    judged = [one for folder in folders for one in claims.judge(folder)]
    false = [one for one in judged if one.kind in claims.BOUNDED]
    true = [one for one in judged if one.kind == claims.TRUE]
    assert 100 * sum(one.wrong for one in false) <= PERCENT_LET_THROUGH * len(false)
    assert 100 * sum(one.wrong for one in true) <= PERCENT_DROPPED * len(true)


def test_a_sentence_whose_subject_was_dropped_is_not_shown() -> None:
    false = "The harbour town of Westmere will replace its street lamps."
    it, they = "It will cost half a million euros.", "They need 38 watts instead of 110."
    checked = SentenceFilter([SourcePart(f"{ARTICLE} {it} {they}")], TITLE, "")
    assert checked.kept([they]) == []
    assert checked.kept([it]) == [it], "the title names it"
    assert checked.kept([false, it]) == []
    assert checked.kept(["Each time half a million euros is the cost of it."]) == []
    assert checked.kept([they], answers=True) == [they]
    first = "By the end of 2027 Ostmere will have replaced 1,400 lamps in its streets."
    assert checked.kept([first, they]) == [first, they]


def test_about_is_not_more_exact_than_the_source() -> None:
    source = "The bridge carries about 300 people a day and no vehicles. It is 1,482 metres long."
    checked = SentenceFilter([SourcePart(source)], "A bridge", "")
    assert checked.verdict("The bridge carries about 307 people a day and no vehicles.").reason
    assert checked.verdict("The bridge carries roughly 300 people a day, but no vehicles.").kept
    assert checked.verdict("The bridge, for people only, is about 1,500 metres long.").kept


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("The flag of a release must expire after at most 60 days.", True),
        ("The flag of a release must expire after at most 61 days.", False),
        ("The flag of a release must expire after at most 70 days.", False),
        ("More than 650 flags were removed in the spring.", True),
        ("More than 600 flags were removed in the spring.", True),
        ("More than 640 flags were removed in the spring.", False),
    ],
)
def test_a_limit_is_the_sources_or_a_rounder_one(sentence: str, kept: bool) -> None:
    source = (
        "The flag of a release must expire after at most 60 days, and the build fails after it."
        " In the spring more than 650 flags were removed."
    )
    assert SentenceFilter([SourcePart(source)], "", "").verdict(sentence).kept is kept


REPORT = """Our card service failed on 14 November. An automated job had been moved from the \
night to the morning on 11 November, and we had not tested it. No customer was charged twice. \
State of the counters is now kept in memory. We are sorry. Pellworm, a chain, told us first."""


@pytest.mark.parametrize(
    "sentence",
    [
        "The company says that no customer was charged twice.",
        "The automated job had been moved from the night to the morning three days earlier.",
        "Counter state is now kept in memory.",
    ],
)
def test_an_article_in_the_first_person_plural(sentence: str) -> None:
    checked = SentenceFilter([SourcePart(REPORT)], "Card payments failed", "")
    assert checked.verdict(sentence).kept, checked.verdict(sentence)


def test_days_between_two_dates_are_counted() -> None:
    checked = SentenceFilter([SourcePart(REPORT)], "Card payments failed", "")
    wrong = checked.verdict("The job had been moved to the morning five days earlier.")
    assert wrong.reason == "number"


def test_a_commenter_may_agree_with_another() -> None:
    parts = [
        SourcePart("The maintainer owes nobody any support, and the licence says so.", "skeptica"),
        SourcePart("@skeptica is right. I hope that others will manage it better.", "aurelio"),
        SourcePart("The fork is faster on my old laptop than the original.", "bob"),
    ]
    checked = SentenceFilter(parts, "A project is archived", "")
    assert checked.verdict("aurelio agrees with skeptica and hopes others will manage better.").kept
    assert checked.verdict("skeptica says that the fork is faster on an old laptop.").reason


def test_spanish_numerals_from_21_to_29_have_accents() -> None:
    source = "Veintitrés familias están en lista de espera desde mayo."
    checked = SentenceFilter([SourcePart(source)], "Casas", "", "es")
    assert checked.verdict("Hay 23 familias en la lista de espera.").kept
    assert checked.verdict("Hay 25 familias en la lista de espera.").reason == "number"


def test_a_number_in_words_is_exact_unless_it_is_round() -> None:
    source = "The parish owns nineteen clocks. Some twenty bells are out of order in its towers."
    checked = SentenceFilter([SourcePart(source)], "Sellack", "")
    assert checked.verdict("The parish has 19 clocks.").kept
    assert checked.verdict("The parish has 18 clocks.").reason == "number"
    assert checked.verdict("Twenty-one of the bells in the towers are out of order.").kept


WORKSHOP = """The clocks of the Tarvik observatory drifted by at most 48 parts per million. \
In 1994 its director called the method sound. Each run takes 40 seconds and 512 MB of memory. \
The path is closed after the middle of June. The package @tarvik/compat reads old files, and \
tarvik-migrate converts them. Visitors saw a drum called Ta-Imbo, by the maker Nordvolt of Lund."""


@pytest.mark.parametrize(
    "sentence",
    [
        "The clocks of the observatory drifted by no more than 48 ppm.",
        "In the 1990s the director called the method sound.",
        "Each run takes under a minute and needs half a gigabyte of memory.",
        "The path is closed after mid-June.",
        "Old files are read by the package @tarvik/compat and converted by tarvik-migrate.",
    ],
)
def test_other_ways_to_write_a_figure_or_a_name(sentence: str) -> None:
    verdict = SentenceFilter([SourcePart(WORKSHOP)], "Tarvik", "").verdict(sentence)
    assert verdict.kept, verdict


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("The clocks of the observatory drifted by at most 48 parts per billion.", "number"),
        ("In the 1970s the director called the method sound.", "name"),
        ("Old files are read by the package @tarvik/legacy.", "name"),
        ("Old files are converted by tarvik-convert.", "name"),
        ("Visitors saw a drum called Ta-Imba.", "name"),
        ("Visitors saw a drum by the maker Norvolt of Lund.", "name"),
    ],
)
def test_a_figure_or_a_name_that_is_nearly_right(sentence: str, reason: str) -> None:
    assert SentenceFilter([SourcePart(WORKSHOP)], "Tarvik", "").verdict(sentence).reason == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "I swapped the lamps in my street for LEDs.",
        "The bill fell by 40 percent after we swapped the lamps for LEDs.",
        "Our town did the same and the bill fell.",
        "It is the only street in which I see stars at night.",
        "Ours has lamps that failed after two winters.",
        'The sign says "Cheap LEDs. " I have thought of that "cheap" for two winters.',
    ],
)
def test_a_summary_does_not_speak_as_its_source(sentence: str) -> None:
    """A small model copies comments; the bot has swapped no lamps."""
    assert discussion().verdict(sentence).detail == "first person"


def test_a_summary_is_not_what_it_summarises() -> None:
    source = "This is Peltry's public report on the outage of 14 June. It lasted three hours."
    checked = SentenceFilter([SourcePart(source)], "Outage", "")
    assert checked.verdict("This is Peltry's public report on the outage of 14 June.").detail
    assert checked.verdict("Peltry's public report is on the outage of 14 June.").kept


def test_a_quotation_and_a_numeral_are_no_first_person() -> None:
    assert article().verdict("Ibsen said: “We are not doing this for the view of the stars.”").kept
    source = [SourcePart("The bridge was blown up in World War I and rebuilt in 1921.")]
    checked = SentenceFilter(source, "A bridge", "")
    assert checked.verdict("The bridge was blown up in World War I and rebuilt in 1921.").kept
