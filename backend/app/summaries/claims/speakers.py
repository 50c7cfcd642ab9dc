"""Finds the speaker that a sentence names, by verbs of saying."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.text.language_words import alternatives, words

SAYING = words("claims.saying")
# Those that are also nouns.
_NOUNS = words("claims.saying_and_nouns")
_ACCORDING = re.compile(
    rf"\b(?:{alternatives('claims.according_to_a_name')})\s+"
    r"((?-i:(?:[a-zà-ÿ]{3} )?(?:[A-ZÀ-Þ][\w.-]+(?:\s(?=[A-ZÀ-Þ]))?){1,5}|[\w.-]+))"
    rf"|\b(?:{alternatives('claims.according_to')})\s+"
    rf"([^,;:.]{{2,80}}?)(?=,|;|:|\.|$|\s(?:{alternatives('claims.verbs_behind_speakers')})\b)"
    rf"|\b([\w.'’-]+(?:\s[\w.'’-]+){{0,3}}) (?:{alternatives('claims.behind_speakers')})\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(
    r"\b(?:(?:several|many|most|some|all|other|multiple|various|numerous|a few|both|two|three)"
    r"\s+(?:of the\s+)?(?:\w+\s+)?(?:commenters?|users?|people|readers?|participants?|posters?"
    r"|others|respondents?|contributors?|members?)"
    r"|(?:commenters|users|readers|participants|posters|people|everyone|everybody|opinions)\s+"
    r"(?:\w+ly\s+)?(?:agree|say|think|argue|complain|praise|report|criticise|criticize|believe|note"
    r"|point|recommend|are|share|describe|mention|prefer|warn|find|discuss|debate|disagree)"
    r"|(?:general|broad|wide|widespread) (?:agreement|consensus)|consensus"
    rf"|{alternatives('claims.several_people')})\b",
    re.IGNORECASE,
)
_SHARED = re.compile(rf"\b(?:{alternatives('claims.shared')})\b", re.IGNORECASE)
_IMPERSONAL = re.compile(rf"\s*(?:{alternatives('claims.impersonal')})\b", re.IGNORECASE)
# "The report", "to call", "was described" are no speech of the subject's.
_NOT_SAYING = words("claims.before_nouns")
# After such a word of saying, it is a noun: "the state is", "a report of".
_VERBS = "is are was were be has have had will would can could must may might should of"
_AFTER_A_NOUN = frozenset(_VERBS.split())
_VERB_FIRST = re.compile(r",[\"”»]?\s+(?:so )?(\w+)\s+([^,;:]{2,80})[.!]?$")
_VERB_LAST = re.compile(r",[\"”»]?\s+((?:[\w.'’-]+\s+){1,5})(\w+)[.!]?$")
_WORD = re.compile(r"[\w@][\w.'’@-]*[\w]|\w")
MAX_WORDS_OF_A_SPEAKER = 9


@dataclass(frozen=True, slots=True)
class Speech:
    """The named speaker, in the claim's words."""

    who: str


def speaker(sentence: str) -> Speech | None:
    """The speaker of a sentence; None if there is none, or nobody in particular."""
    who = _according(sentence) or _before_verb(sentence) or _at_the_end(sentence)
    return Speech(who) if who and who.strip() and not _IMPERSONAL.match(who) else None


def _according(sentence: str) -> str | None:
    match = _ACCORDING.search(sentence)
    return next(filter(None, match.groups())) if match else None


def _before_verb(sentence: str) -> str | None:
    """ "The judges found that …": the words before the first verb of saying."""
    found = list(_WORD.finditer(sentence))
    for place, word in enumerate(found[: MAX_WORDS_OF_A_SPEAKER + 1]):
        if place and word[0].lower() in SAYING:
            before = found[place - 1][0].lower()
            if before in _NOT_SAYING:
                return None
            after = found[place + 1][0].lower() if place + 1 < len(found) else ""
            if after in _AFTER_A_NOUN and word[0].lower() in _NOUNS:
                continue
            if before in {"percentage", "data", "end", "starting", "sticking", "two", "three"}:
                continue
            return sentence[: word.start()].split(",", maxsplit=1)[0]
    return None


def _at_the_end(sentence: str) -> str | None:
    """ "…, said Haddad." and "…, Haddad said."."""
    if (match := _VERB_FIRST.search(sentence)) and match[1].lower() in SAYING:
        return match[2]
    if (match := _VERB_LAST.search(sentence)) and match[2].lower() in SAYING:
        return match[1]
    return None


def says(text: str) -> bool:
    """Whether a sentence has a verb of saying."""
    return any(word[0].lower() in SAYING for word in _WORD.finditer(text))


def about_several(sentence: str) -> bool:
    """Whether a sentence says that several people say something."""
    return _SEVERAL.search(sentence) is not None and (
        says(sentence) or _SHARED.search(sentence) is not None
    )
