"""Recognises the language of a text by its most common words."""

from __future__ import annotations

import re

# The most common words of each language. A word of several counts for each of them.
_COMMONEST = {
    "en": "the and of to that for with from are was this which have not by it is has been who its "
    "they their there would will than these into an on at be or but were had as what can",
    "de": "und der das ist nicht von mit den ein eine auf für dem sich auch wird zu im sind hat "
    "als bei nach werden aus einen einer zum zur wurde haben oder aber wie noch es sie",
    "fr": "le les des et une dans pour qui que est sur pas avec au par plus du sont cette mais "
    "ont il elle ce aux être leur ses de la",
    "es": "el los las y que por una con para del como más su pero al en se lo fue sus este ha "
    "desde sobre también hay son está entre cuando muy de la",
    "pt": "o os um uma não que para com em mais por dos como ao é das pelo foi são na no seu de",
    "it": "il di che per una con del non sono della gli più anche dei è nel alla da un lo la",
    "nl": "het een en van dat niet met zijn voor ook maar aan er bij naar de is op te wordt",
}
_WORDS = {language: frozenset(words.split()) for language, words in _COMMONEST.items()}
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
# This many words of another language are not accidental.
ENOUGH = 4
MAX_CHARACTERS = 20_000


def is_english(text: str) -> bool:
    """False for another script or one of the languages above; true in doubt."""
    return is_in(text, "en")


def is_in(text: str, language: str) -> bool:
    """False for a script that `language` does not use, or another language; true in doubt."""
    if language not in _WORDS:
        return True
    text = text[:MAX_CHARACTERS]
    letters = [letter for letter in text if letter.isalpha()]
    if sum(1 for letter in letters if not _LATIN.match(letter)) > len(letters) / 2:
        return False
    found = _counts(text)
    own = found.pop(language)
    return max(found.values()) < max(ENOUGH, own + 1)


def language_of(text: str) -> str | None:
    """The language with the most matching words; None if that is not clear."""
    found = _counts(text[:MAX_CHARACTERS])
    best, second = sorted(found, key=lambda one: -found[one])[:2]
    return best if found[best] > max(1, found[second]) else None


def _counts(text: str) -> dict[str, int]:
    words = _WORD.findall(text.lower())
    return {
        language: sum(word in commonest for word in words) for language, commonest in _WORDS.items()
    }
