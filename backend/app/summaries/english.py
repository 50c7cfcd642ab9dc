"""Whether a text is English, as every summary is to be."""

from __future__ import annotations

import re

# The commonest words of each language that are no words of the others.
_COMMONEST = {
    "en": "the and of to that for with from are was this which have not by it",
    "de": "und der das ist nicht von mit den ein eine auf für dem sich auch wird",
    "fr": "le les des et une dans pour qui que est sur pas avec au par plus",
    "es": "el los las y que por una con para del como más su pero al",
    "pt": "o os um uma não que para com em mais por dos como ao é",
    "it": "il di che per una con del non sono della gli più anche dei è",
    "nl": "het een en van dat niet met zijn voor ook maar aan er bij naar",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMONEST.items()}
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
# So many signs of another language are no accident.
ENOUGH = 4


def is_english(text: str) -> bool:
    """False for another script, and for one of the languages above; true in doubt."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum(1 for letter in letters if not _LATIN.match(letter)) > len(letters) / 2:
        return False
    words = _WORD.findall(text.lower())
    found = {
        language: sum(word in commonest for word in words) for language, commonest in _WORDS.items()
    }
    english = found.pop("en")
    return max(found.values()) < max(ENOUGH, english + 1)
