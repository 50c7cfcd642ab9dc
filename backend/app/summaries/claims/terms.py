"""The significant words of a sentence, and the equivalence of their meanings.

Two words are equivalent if they have the same stem, are in the same line of `lexicon.txt`, or are
parts of one compound. The lexicon covers English, German and Spanish, so that a sentence can be
checked against a source in another language.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import snowballstemmer

from app.summaries.claims.word_lists import STOPWORDS
from app.text import language_words

_LEXICON = Path(__file__).with_name("lexicon.txt")
_IRREGULAR = Path(__file__).with_name("irregular.txt")
# In the order of the columns of the lexicon.
_LANGUAGES = ("en", "de", "es")
_STEMMERS = language_words.by_language("language.stemmer")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\w*\d\w*")
_POSSESSIVE = re.compile(r"['’]s?$")
# The degrees of similarity.
SAME, KIN, SYNONYM, PART = 1.0, 0.9, 0.8, 0.6
MIN_COMMON = 5
MIN_PART = 4
# In languages whose verbs have separable prefixes: prefix, "ge" or "zu", and the rest.
_PREFIXED = {
    language: re.compile(
        rf"({'|'.join(prefixes.split())})"
        rf"({'|'.join(language_words.by_language('claims.participles')[language].split())})(\w{{3,}})"
    )
    for language, prefixes in language_words.by_language("claims.verb_prefixes").items()
}
_CONJUGATED = {
    language: re.compile(rf"(\w{{3,}}?)(?:{'|'.join(endings.split())})")
    for language, endings in language_words.by_language("claims.conjugations").items()
}
_INFINITIVES = language_words.by_language("claims.infinitives")
_PARTICIPLES = language_words.by_language("claims.participle_prefix")
# What joins the parts of compounds, in languages that write them as one word.
_JOINTS = {
    language: ("", *joints.split())
    for language, joints in language_words.by_language("claims.joints").items()
}


@dataclass(frozen=True, slots=True)
class Term:
    """A significant word.

    Attributes:
        stem: without its ending and accents.
        meanings: its lines of the lexicon; for a `compound`, those of its parts.
        start: its position in the sentence.
    """

    text: str
    stem: str
    meanings: frozenset[int]
    start: int
    compound: bool = False


def terms(sentence: str, language: str, spans: Sequence[tuple[int, int]] = ()) -> list[Term]:
    """The terms of a sentence, without the text in `spans`."""
    stopwords = STOPWORDS.get(language, frozenset())
    words = [(_POSSESSIVE.sub("", match[0]), match.start()) for match in _WORD.finditer(sentence)]
    stems = [stem(word, language) for word, _ in words]
    found = []
    for place, (word, start) in enumerate(words):
        if len(word) < 2 or any(map(str.isdigit, word)):
            continue
        if any(first <= start < last for first, last in spans):
            continue
        pair = _meanings_of_pair(stems, place, language)
        if pair or word.lower() not in stopwords:
            meanings = meanings_of(word, language) | pair
            compound = bool(meanings) and not pair and is_compound(word, language)
            found.append(Term(word, stems[place], meanings, start, compound))
    return found


def alike(one: Term, other: Term) -> float:
    """The similarity of two terms' meanings, from 0 to 1."""
    if one.stem == other.stem:
        return SAME
    common = common_beginning(one.stem, other.stem)
    shorter = min(len(one.stem), len(other.stem))
    if common >= MIN_COMMON and common >= 0.75 * shorter:
        return KIN
    if one.meanings & other.meanings:
        return PART if one.compound or other.compound else SYNONYM
    if shorter > MIN_PART and (one.stem in other.stem or other.stem in one.stem):
        return PART
    return 0.0


def common_beginning(one: str, other: str) -> int:
    """The length of the common prefix of two words."""
    length = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        length += 1
    return length


_of_thread = threading.local()


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """A word in lower case without its ending and accents."""
    stemmer = _stemmer(language)
    lower = _irregular().get((language, word.lower()), word.lower())
    return _plain(stemmer.stemWord(lower) if stemmer else lower)


@lru_cache(maxsize=20_000)
def meanings_of(word: str, language: str) -> frozenset[int]:
    """The lexicon's lines that contain a word, one of its infinitives, or its parts."""
    lexicon = _lexicon().get(language, {})
    own = lexicon.get(stem(word, language), frozenset())
    if own:
        return own
    for form in _infinitives(word, language):
        if own := lexicon.get(stem(form, language), frozenset()):
            return own
    return _meanings_of_parts(word.lower(), lexicon, language)


def _infinitives(word: str, language: str) -> Iterator[str]:
    """Possible infinitives of a verb form: without its participle's prefix and its ending."""
    if language not in _PREFIXED or not word[0].islower():
        return
    plain = _PREFIXED[language].sub(r"\1\3", word)
    yield plain
    if match := _CONJUGATED[language].fullmatch(plain):
        yield f"{match[1]}{_INFINITIVES[language]}"
        prefix = _PARTICIPLES[language]
        if match[1].startswith(prefix):
            yield f"{match[1].removeprefix(prefix)}{_INFINITIVES[language]}"


def _meanings_of_parts(
    word: str, lexicon: dict[str, frozenset[int]], language: str
) -> frozenset[int]:
    """The lines of the two parts of a compound; empty in languages without compounds."""
    found: set[int] = set()
    joints = _JOINTS.get(language, ())
    for place in range(MIN_PART, len(word) - MIN_PART + 1) if joints else ():
        tail = lexicon.get(stem(word[place:], language))
        if not tail:
            continue
        for joint in joints:
            if head := lexicon.get(stem(word[:place].removesuffix(joint), language)):
                found.update(head, tail)
    return frozenset(found)


def is_compound(word: str, language: str) -> bool:
    """Whether a word's meanings are those of its parts."""
    if language not in _JOINTS:
        return False
    lexicon = _lexicon().get(language, {})
    forms = [word, *_infinitives(word, language)]
    return not any(stem(one, language) in lexicon for one in forms)


def _meanings_of_pair(stems: Sequence[str], place: int, language: str) -> frozenset[int]:
    if place + 1 >= len(stems):
        return frozenset()
    pair = f"{stems[place]}_{stems[place + 1]}"
    return _lexicon().get(language, {}).get(pair, frozenset())


def _plain(word: str) -> str:
    if word.isascii():
        return word
    parts = unicodedata.normalize("NFKD", word.replace("ß", "ss"))
    return "".join(one for one in parts if not unicodedata.combining(one))


def _stemmer(language: str) -> snowballstemmer.stemmer | None:
    """A stemmer per thread, because it holds the current word."""
    name = _STEMMERS.get(language)
    if name is None:
        return None
    own: dict[str, snowballstemmer.stemmer] = _of_thread.__dict__.setdefault("stemmers", {})
    if language not in own:
        own[language] = snowballstemmer.stemmer(name)
    return own[language]


@cache
def _irregular() -> dict[tuple[str, str], str]:
    """The base forms of irregular forms, by language."""
    found = {}
    for line in _lines(_IRREGULAR):
        language, colon, words = line.rpartition(":")
        word, *forms = words.split()
        found.update({(language if colon else "en", form): word for form in forms})
    return found


@cache
def _lexicon() -> dict[str, dict[str, frozenset[int]]]:
    """For each language, the lines of a stem, or of two joined by "_"."""
    found: dict[str, dict[str, set[int]]] = {language: {} for language in _LANGUAGES}
    for number, line in enumerate(_lines(_LEXICON)):
        for language, part in zip(_LANGUAGES, line.split("|"), strict=False):
            for word in part.split():
                key = "_".join(stem(one, language) for one in word.split("_"))
                found[language].setdefault(key, set()).add(number)
    return {
        language: {word: frozenset(lines) for word, lines in entries.items()}
        for language, entries in found.items()
    }


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line
