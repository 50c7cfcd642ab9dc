"""Which full stops end a sentence."""

from __future__ import annotations

import pytest

from app.text.sentences import at_most, cut, end_pattern, is_balanced, joined, split, whole


@pytest.mark.parametrize(
    "text",
    [
        "I have a few qualms with this app: 1. For a Linux user, you can already build it.",
        "1. It starts with a number.",
        "The U.S. Army bought it, e.g. In 2019.",
        "Mr. Smith and J. R. Tolkien met Dr. Jones vs. The World.",
        "Version 3.5. is out",
        "Am 3. Oktober wurden ca. 40 Häuser bzw. Hallen gebaut.",
        "В 1984 г. И. И. Иванов купил дом на ул. Ленина за 3 млн. Рублей не хватило",
    ],
)
def test_one_sentence_stays_whole(text: str) -> None:
    assert split(text) == [text]


def test_sentences_end_at_full_stops_questions_and_quotations() -> None:
    text = "Why? “Because.” That was in 2007. Then it was 21.5 degrees. It stopped!"
    assert split(text) == [
        "Why?",
        "“Because.”",
        "That was in 2007.",
        "Then it was 21.5 degrees.",
        "It stopped!",
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Мост стоит.", "Его строили навстречу.", "«Зачем?» спросил инженер."],
        ["Η γέφυρα έπεσε.", "Την ξαναέχτισαν από πέτρα."],
        ["Şehir büyük.", "İstanbul güzel.", "Çok eski."],
        ["To jest most.", "Źródło bije obok.", "Łódź płynie."],
        ["Řeka stoupla.", "Čluny odpluly."],
        ["سقط الجسر.", "هل بُني من جديد؟", "نعم."],
        ["הגשר נפל.", "הוא נבנה מחדש."],
        ["पुल टूट गया।", "उसे फिर बनाया गया।"],
        ["다리가 무너졌다.", "돌로 다시 지었다."],
        ["Կամուրջը փլվեց։", "Այն վերակառուցվեց։"],
        ["¿Por qué?", "¡Porque sí!", "Él lo dijo."],
        ["Die Brücke fiel.", "„Warum?“ fragte er."],
    ],
)
def test_sentences_end_in_every_script(sentences: list[str]) -> None:
    assert split(" ".join(sentences)) == sentences


def test_chinese_and_japanese_sentences_end_without_a_space() -> None:
    assert split("橋は石で再建された。なぜか？「洪水だ！」と彼は言った。") == [
        "橋は石で再建された。",
        "なぜか？",
        "「洪水だ！」と彼は言った。",
    ]


def test_only_whole_sentences_are_kept_unless_the_first_is_too_long() -> None:
    assert at_most(["One two.", "Three four."], 12) == "One two."
    assert at_most(["One two three four."], 12) == cut("One two three four.", 12) == "One two…"


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("mira: “One two three four.”", "mira: “One two…”"),
        ("mira: „Eins zwei drei vier.“", "mira: „Eins zwei…“"),
        ("mira : « Un deux trois »", "mira : « Un deux…»"),
        ("“One two” three four five", "“One two” three…"),
        ("One two three “four five”", "One two three…"),
    ],
)
def test_a_quotation_that_is_cut_is_closed(words: str, shown: str) -> None:
    assert cut(words, 20) == shown


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("mira: “One two three. Four five six.”", "mira: “One two three.”"),
        ("mira: „Eins zwei drei. Vier fünf sechs.“", "mira: „Eins zwei drei.“"),
        ("mira: “One two three.” Four five six.", "mira: “One two three.”"),
    ],
)
def test_a_quotation_that_goes_on_in_what_is_left_out_is_closed(words: str, shown: str) -> None:
    assert whole(split(words), 24) == shown
    assert whole(split(words), len(shown) - 1) == ""


def test_sentences_are_joined_as_their_script_has_it() -> None:
    assert joined(["One.", "Two."]) == "One. Two."
    assert joined(["一。", "二。"]) == "一。二。"


@pytest.mark.parametrize(
    ("sentence", "balanced"),
    [
        ("It (the bridge) fell.", True),
        ("“It fell,” she said.", True),
        ('He said "no" twice.', True),
        ("„Warum?“ fragte er.", True),
        ("„Dlaczego?” zapytał.", True),
        ("„Warum fragt er.", False),
        ("(Nobody knows.", False),
        ("Nobody knows.)", False),
        ("“We had no choice.", False),
        ('"We had no choice.', False),
    ],
)
def test_brackets_and_quotation_marks_come_in_pairs(sentence: str, balanced: bool) -> None:
    assert is_balanced(sentence) == balanced


def test_german_quotation_marks_close_a_sentence() -> None:
    assert split("Er sagte: „Es geht.“ Danach ging er.") == [
        "Er sagte: „Es geht.“",
        "Danach ging er.",
    ]
    assert split("»Es geht.« Danach ging er.") == ["»Es geht.«", "Danach ging er."]


@pytest.mark.parametrize(
    "mark", [".", "!", "?", "…", "؟", "۔", "।", "॥", "։", "።", "。", "！", "？"]
)
@pytest.mark.parametrize("closing", ["", '"', "'", "”", "“", "»", "«", ")", "]", "」", "』", "）"])
def test_a_sentence_ends_in_any_script(mark: str, closing: str) -> None:
    assert end_pattern().search(f"It works{mark}{closing}")
    assert not end_pattern().search(f"It works{mark}{closing} and")
    assert not end_pattern().search(f"It works:{closing}")
    assert end_pattern(":").search(f"It works:{closing}")
