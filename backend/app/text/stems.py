"""Stems of words: `psychologist` and `psychology` have the same stem."""

from __future__ import annotations

from functools import lru_cache

MIN_LENGTH = 5
# (replacement, least length of the rest, endings), longest endings of a family first. Snowball's
# stemmers do not unite psychologist with psychology, or astronomer with astronomy.
_ENDINGS = tuple(
    (ending, instead, least)
    for instead, least, endings in (
        ("olog", 2, "ologically ological ologist ologian ologic ology"),
        ("onom", 2, "onomically onomical onomist onomer onomic onomy"),
        ("raph", 1, "raphically raphical raphist rapher raphic raphy"),
        ("ic", 3, "ically ician icist ical"),
        (
            "",
            4,
            "ability ibility ization isation ational ation ative ator ating ated ate able ible",
        ),
        ("", 4, "istry ically iously ously ious ous ment ness ism ist ian ion ive ity ing"),
        ("", 5, "er or"),
        ("", 4, "ed al ly ic"),
        ("", 4, "y e"),
    )
    for ending in endings.split()
)
_ROUNDS = 3
# Words that mean something else without their ending.
_WHOLE = frozenset(
    """
    physical practical general generic university universal universe organic organization special
    station nation national rational international computer number paper server master letter matter
    corner customer summer winter other another either rather whether never ever river power order
    later after water policy state static native active
    action section million billion version vision fashion passion
    """.split()  # noqa: SIM905 - a text reads better than a hundred quoted words
)


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a folded word; short words and words with digits are unchanged."""
    if len(word) < MIN_LENGTH or not word.isalpha() or not word.isascii() or word in _WHOLE:
        return word
    for _ in range(_ROUNDS):
        shorter = _without_ending(word)
        if shorter == word:
            break
        word = shorter
    return word


def stems(folded: str) -> str:
    """The stems of folded words, in order."""
    return " ".join(map(stem, folded.split()))


def _without_ending(word: str) -> str:
    for ending, instead, least in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word.removesuffix(ending) + instead
    return word
