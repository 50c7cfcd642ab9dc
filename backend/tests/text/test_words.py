"""Words are counted in every script."""

from __future__ import annotations

import pytest

from app.text.words import count_words


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("don't stop the wall-clock", 4),
        ("e\u0301te\u0301 and café", 3),
        ("कृपया मुखपृष्ठ पर जाएँ", 4),
        ("பாலம் கல்லால் கட்டப்பட்டது", 3),
        ("اَلْجِسْرُ مِنَ الْحَجَرِ", 3),
        ("橋は石で再建された。", 4),
        ("สะพานถูกสร้างใหม่ด้วยหิน", 6),
        ("", 0),
    ],
)
def test_words_of_a_script(text: str, number: int) -> None:
    assert count_words(text) == number
