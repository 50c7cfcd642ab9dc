"""Summaries are English; clearly foreign ones are detected, and no others."""

from __future__ import annotations

import pytest

from app.summaries.languages import is_english, is_in, language_of


@pytest.mark.parametrize(
    "text",
    [
        "Die Brücke über den Fluss wurde nach der Flut nicht von der Stadt bezahlt, sondern auch.",
        "Le pont sur la rivière est reconstruit par la ville avec des pierres du lit, et pas plus.",
        "El puente que cruza el río se pagó con los impuestos de la ciudad, pero no más.",
        "Мост через реку был восстановлен после наводнения.",
        "洪水の後、川に架かる橋が再建された。",
        "تم إعادة بناء الجسر فوق النهر بعد الفيضان.",
    ],
)
def test_other_languages(text: str) -> None:
    assert not is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "The bridge over the river was rebuilt after the flood.",
        "Rust 1.90 ships.",
        "",
        "42 % 7 = 0",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor.",
        "Ubuntu adopts “il” and “del” commands for MS-DOS users, says Die Zeit.",
        "東京 (Tokyo) opens the first station that runs on hydrogen alone.",
    ],
)
def test_english_and_undecided_texts(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What did they find in the river, and who has paid for it?", "en"),
        ("Was haben sie im Fluss gefunden, und wer hat das bezahlt?", "de"),
        ("¿Qué encontraron en el río y quién lo pagó para los vecinos?", "es"),
        ("Rust 1.90", None),
        ("", None),
    ],
)
def test_languages_are_recognised_by_common_words(text: str, language: str | None) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Más de la mitad de los 21 millones de euros procede de fondos europeos.", "es"),
        ("Plus de la moitié de la somme de 21 millions vient de fonds de Bruxelles.", "fr"),
        ("Mais de metade de 21 milhões de euros de fundos vem de Bruxelas.", "pt"),
        ("De helft van de 21 miljoen komt van de fondsen in de hoofdstad.", "nl"),
    ],
)
def test_a_word_of_several_languages_is_not_taken_for_dutch(text: str, language: str) -> None:
    assert is_in(text, language)
