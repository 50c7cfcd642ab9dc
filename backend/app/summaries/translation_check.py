"""Checks whether a translation may be shown: its language, completeness and figures.

The English text was checked against its source. A translation can still lack a sentence, change a
figure, stay in English, or follow an injected instruction.
"""

from __future__ import annotations

import re
from collections import Counter

from app.languages import SUMMARIES
from app.summaries.refusals import refuses
from app.summaries.source_filter import SourceFilter
from app.text import language_words
from app.text.sentences import split

# The largest growth of a text in translation, as a factor and, for short texts, in characters.
MAX_GROWTH, MAX_MORE = 2, 60
# The share of the letters in the language's script; names stay Latin.
MIN_OF_THE_SCRIPT = 0.4
MIN_WORDS_TO_DIFFER = 4
SCRIPTS = {
    "ru": "\u0400-\u04ff",
    "uk": "\u0400-\u04ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "ar": "\u0600-\u06ff",
    "hi": "\u0900-\u097f",
    "ja": "\u3040-\u30ff\u4e00-\u9fff",
    "zh": "\u4e00-\u9fff",
    "ko": "\uac00-\ud7af",
}
_LATIN = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
# The most frequent words of the languages in Latin letters; related ones share many of them.
_FREQUENT = language_words.words_by_language("language.frequent")
_WORD = re.compile(r"[^\W\d_]+")
# These languages count in ten thousands or hundred thousands, which changes the digits.
_COUNTS_OTHERWISE = frozenset(("ja", "zh", "ko", "hi"))
_LARGE = re.compile(r"\b(?:thousand|million|billion|trillion)s?\b|\d[kKMB]\b")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)(?:[.,'’](?=\d)|\s(?=\d{3}(?!\d)))")
_DIGITS = re.compile(r"\d+")


def shown(original: str, translation: str, language: str) -> str | None:
    """The translation without markup; None if it may not be shown."""
    if not translation.strip() or refuses(translation.strip()):
        return None
    if len(translation) > MAX_GROWTH * len(original) + MAX_MORE:
        return None
    sentences = SourceFilter(original).allowed(translation)
    text = " ".join(sentences)
    # If a sentence was removed, the text is incomplete.
    if not text or len(sentences) < len(split(translation)):
        return None
    same_facts = _figures(original) == _figures(text) or (
        language in _COUNTS_OTHERWISE and _LARGE.search(original) is not None
    )
    return text if same_facts and _is_in(text, original, language) else None


def _figures(text: str) -> Counter[str]:
    """The figures of a text, with any grouping of digits."""
    return Counter(str(int(one)) for one in _DIGITS.findall(_BETWEEN_DIGITS.sub("", text)))


def _is_in(text: str, original: str, language: str) -> bool:
    if language not in SUMMARIES or not _has_script(text, language):
        return False
    if text.casefold() == original.casefold() and len(text.split()) >= MIN_WORDS_TO_DIFFER:
        return False
    if language in SCRIPTS:
        return True
    words = Counter(_WORD.findall(text.casefold()))
    counts = {one: sum(words[word] for word in frequent) for one, frequent in _FREQUENT.items()}
    return counts[language] >= max(counts.values()) - 1


def _has_script(text: str, language: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    own = re.compile(f"[{SCRIPTS.get(language, _LATIN)}]")
    return sum(map(bool, map(own.match, letters))) >= MIN_OF_THE_SCRIPT * len(letters)
