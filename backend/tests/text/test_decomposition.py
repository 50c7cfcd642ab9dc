from __future__ import annotations

from app.text.decomposition import MAX_PARTS, decomposed


def test_letters_of_living_languages_are_decomposed_whole() -> None:
    assert decomposed("ế") == "e\u0302\u0301"
    assert decomposed("한" * 9) == "\u1112\u1161\u11ab" * 9
    assert decomposed("ᾧ") == "ω\u0314\u0342\u0345"


def test_a_ligature_of_many_letters_does_not_multiply_a_text() -> None:
    assert len(decomposed("\ufdfa" * 1000)) == MAX_PARTS * 1000
