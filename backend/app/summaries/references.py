"""Tells whether a sentence refers to another one, so that it cannot be quoted without it.

A pronoun refers to another sentence unless something before it in its own sentence can be meant:
for an object, in an earlier clause ("The town has six bridges, and two of them …", but not "In our
town there are six of them"), for a subject or a possessive, anywhere before it. What can be meant
is recognised by an article, a capital, a number or a plural, because there is no parser. The words
of the languages are in `app/text/languages`, under `references`.
"""

from __future__ import annotations

import re

from app.text.language_words import alternatives, by_language

NOUN_STEM = 6
# The part of a sentence that is examined.
MAX_EXAMINED = 600


def _words(key: str) -> str:
    """The words of all languages under `references`, as alternatives."""
    listed = " ".join(by_language(f"references.{key}").values())
    return "|".join(listed.replace("|", " ").split())


def _anywhere(key: str) -> re.Pattern[str]:
    """Finds what the languages list under `references`, between words."""
    return re.compile(
        rf"(?<![\w’'-])(?:{alternatives(f'references.{key}')})(?![\w-])", re.IGNORECASE
    )


_BEGINS = re.compile(rf"[\"“‘(„«¡¿]*(?:{alternatives('references.begins')})\b", re.IGNORECASE)
_ITSELF = re.compile(rf"(?:\w+ )?(?:{alternatives('references.itself')})\b", re.IGNORECASE)
_ALWAYS, _VERBS = _anywhere("always"), _anywhere("verbs")
_OBJECTS, _SUBJECTS = _anywhere("objects"), _anywhere("subjects")
_IMPERSONAL = _anywhere("impersonal")
_CLAUSE = re.compile(rf"[,;:–—(\"“„«]|\b(?:{_words('clauses')})\b", re.IGNORECASE)
# What a pronoun may stand for: "the bridge", "40 gates", "Rust", "gates and doors", "gates".
_THING = re.compile(
    rf"(?<![\w-])(?i:{alternatives('references.determiners')})\s+[\w\"“‘`]"
    r"|(?<=[\s(\"“])[A-ZÀ-Þ][\w.-]+|\d\s+\w|\b\w{3,} (?:and|und|y) \w{3,}"
    r"|\b(?!(?:this|was|has|does|always|thus|his|its|yes|less)\b)[a-z]{2,}[a-rt-z]s\b"
)
_FORWARD = re.compile(rf"(?:{alternatives('references.forward')})\b", re.IGNORECASE)
_FIRST = re.compile(r"[\"“‘(„«]*([^\W\d_]+)")
_OPENERS = frozenset(_words("openers").lower().split("|"))
_DEFINITE = re.compile(rf"(?:{alternatives('references.definite')})\s+([a-zà-þ]{{3,}})\b")


def refers_back(sentence: str) -> bool:
    """Whether a sentence refers to one before it."""
    examined = sentence[:MAX_EXAMINED]
    if not _ITSELF.match(examined) and _BEGINS.match(examined) and not _is_impersonal(examined, 0):
        return True
    return (
        _ALWAYS.search(examined) is not None
        or any(not _clauses_before(examined, one.start()) for one in _VERBS.finditer(examined))
        or any(_lacks(examined, one.start(), in_clause=False) for one in _found(_OBJECTS, examined))
        or any(_lacks(examined, one.start(), in_clause=True) for one in _found(_SUBJECTS, examined))
    )


def definite_noun(sentence: str) -> str:
    """The stem of the noun that a sentence begins with, if it is definite: "bridge" of "The
    bridge …"; otherwise empty.
    """
    found = _DEFINITE.match(sentence)
    return found[1].lower()[:NOUN_STEM] if found else ""


def _found(pronouns: re.Pattern[str], sentence: str) -> list[re.Match[str]]:
    return [
        one
        for one in pronouns.finditer(sentence)
        if not _ITSELF.match(sentence, one.start()) and not _is_impersonal(sentence, one.start())
    ]


def _is_impersonal(sentence: str, place: int) -> bool:
    """Whether the pronoun at a place stands for nothing: "it turns out that …"."""
    return any(
        one.start() <= place < one.end() for one in _IMPERSONAL.finditer(sentence[: place + 100])
    )


def _lacks(sentence: str, place: int, *, in_clause: bool) -> bool:
    """Whether nothing before the pronoun at a place can be meant by it.

    Args:
        in_clause: whether that may be in the pronoun's own clause.
    """
    before = sentence[:place] if in_clause else _clauses_before(sentence, place)
    return not _names_something(before) and not _is_named_later(sentence, place)


def _clauses_before(sentence: str, place: int) -> str:
    """The clauses before the one with this place; empty if it is the first one."""
    ends = [one.start() for one in _CLAUSE.finditer(sentence[:place])]
    return sentence[: ends[-1]].strip() if ends else ""


def _names_something(words: str) -> bool:
    if _THING.search(words):
        return True
    first = _FIRST.match(words)
    return first is not None and first[1].lower() not in _OPENERS


def _is_named_later(sentence: str, place: int) -> bool:
    """Whether the pronoun is in a first clause, and what it means follows in the second one:
    "Although it is small, the bridge …".
    """
    first, comma, rest = sentence.partition(", ")
    return bool(
        comma and place < len(first) and _FORWARD.match(first) and _THING.match(f" {rest}", 1)
    )
