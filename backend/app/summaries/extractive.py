"""Summaries made of a text's own sentences, for use without a language model.

The first self-contained sentence opens the excerpt, because texts first say what a thing is. Others
follow by weight: the mean weight of their significant words, which is the logarithm of the word's
frequency in the text, increased for earlier sentences. Sentences that nearly repeat a chosen one,
or refer to one that is not chosen, are skipped. On papers with summaries by experts this is closer
to them, by ROUGE-L, than the text's lead and than LexRank, TextRank, Luhn and LSA
(`make bench-reading PARTS=summaries`, docs/trials/summaries.py).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from app.summaries.boilerplate import is_boilerplate
from app.summaries.line_sentences import SPEAKER, sentences_by_line
from app.text.language_words import alternatives
from app.text.sentences import CLOSING_MARKS, end_pattern, is_balanced, joined
from app.text.words import count_words

SENTENCES = 3
MAX_CHARACTERS = 600
# The position at which a sentence has half of its weight. Papers reach their point late; pages
# begin with it.
HALF_WORTH_OF_A_PAPER, HALF_WORTH_OF_A_PAGE = 16, 3
# How much more the sentence behind the opening is worth on a page, because it goes on with it.
WORTH_BEHIND_THE_OPENING = 1.5
# An excerpt of this length is enough to tell what a page is about.
MIN_OF_A_PAGE = 250
_PAPER = re.compile(
    r"\bin this (?:paper|work|study)\b|\bwe (?:propose|present|introduce|show that)\b|\bet al\b",
    re.IGNORECASE,
)
MAX_OPENING_OF_A_PAPER = 40  # sentences within which a paper can be recognised
# The part of a long text that is considered.
MAX_CANDIDATES = 120

# The opening sentence is among this many first ones.
MAX_OPENING = 5
# Of two sentences that share a larger part of their words, the second is redundant.
MAX_ALIKE = 0.7
# A sentence with a larger part of its words in the title is redundant.
MAX_ECHO = 0.8
MAX_SLOGAN = 8  # words
# A text with a larger part of sentences in lower case is written so deliberately.
MAX_SMALL = 0.5
NOUN_STEM = 6
# A row with this many cells is one of a table; a cell with this many words is one of a layout.
MIN_COLUMNS, MIN_CELL = 3, 60

# A sentence with such a beginning refers to the one before it.
_BACK = re.compile(
    r"[\"“‘(]?(?:it|its|they|their|them|this|that|these|those|he|she|his|her|such|and|but|or|also"
    r"|(?:no|yes)(?=[.,]\s*[^\s\d])|so(?! (?:i|we) (?:made|built|wrote|created))"
    r"|(?:well|sure|granted|ok|okay|anyway|anyhow)(?=,)|however|moreover|furthermore|therefore|thus|instead|otherwise|then|besides|meanwhile|yet"
    r"|because|for example|for instance|in addition|as a result|on the other hand|both"
    r"|the (?:form|latt)er|do not|don['’]t|please|note(?: that)?|never|warning"
    r"|(?:run|use|try|install|read|open|start|call|build|compile|put|give|point|send|copy|paste"
    r"|download|feed|take|keep) (?:it|them|this|that)"
    r"|(?:i|we) (?:made|built|wrote|did|created|started|use|used) (?:it|that|them)"
    rf"|{alternatives('excerpts.points_back')})\b",
    re.IGNORECASE,
)
# "The applicant had to …" needs an earlier mention; "The price of gas …" does not.
_PERSON = re.compile(rf"(?:{alternatives('excerpts.persons')})\b", re.IGNORECASE)
# Self-references of a text: "This document defines …"
_ITSELF = re.compile(
    r"(?:this|these) (?:\w+ )?(?:article|paper|document|post|memo|specification|page|essay|report"
    r"|guide|book|site|study|work|thesis|proposal|package|library|project|repository|repo|tool"
    r"|list|draft|manual|module|program|app|extension|plugin|crate|release|version|tutorial"
    r"|chapter|series|talk|game|service|language)\b",
    re.IGNORECASE,
)
_ASSUMES = re.compile(
    r"The [a-z]+ (?:is|are|was|were|has|had|have|will|would|can|could|must|should|may|might|did"
    r"|does|also|then|said|says|now|never|even|only)\b"
)
_DEFINITE = re.compile(rf"(?:{alternatives('excerpts.definite')})\s+([a-zà-þ]{{3,}})\b")
# A line with another ending is a heading or a list item.
_END = end_pattern()
_QUESTION = re.compile(rf"[?？؟][{CLOSING_MARKS}]*$")
# A lower-case word that does not begin a name such as "npm2" or "iPhone".
_HALF = re.compile(r"(?=[a-zß-öø-ÿα-ωа-яё])[^\W\d_A-ZÀ-Þ]+(?=[\s,])")
_ROW = re.compile(r"(?m)^[ \t]*\|.*$|^.*\|[ \t]*$")
# "[1]: 207" at the end of a sentence, whose mark of a footnote was removed.
_PAGE_OF_A_SOURCE = re.compile(r"(?<=[.!?]): ?\d{1,4}(?:[–-]\d{1,4})?(?=\s|$)")
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•>]|#{1,6}|[QA]:|\d{1,2}[.)])[ \t]+")
_MARKUP = re.compile(r"(\*\*|__|`{1,3})(?=\S)([^*_`\n]{1,300})(?<=\S)\1")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIGIT = re.compile(r"\d")
_COMMON_WORDS = """
the and for are but not you all any can had her was one our out has have been this that with they
from what which their will would there when more some them than then were said each about other into
could these also its who how his she him most only over such very just like where after back use
used using make made
"""
_COMMON = frozenset(_COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class TextSentence:
    """A sentence that may be quoted, and its position among all sentences of its text."""

    place: int
    text: str
    line: int


def summarise(
    text: str, allows: Callable[[str], bool], *, title: str = "", sentences: int = SENTENCES
) -> str:
    """The most significant allowed sentences of `text`, in their order.

    Empty if there is no proper sentence.

    Args:
        title: the story's title, which is shown already.
    """
    text = _PAGE_OF_A_SOURCE.sub("", _MARKUP.sub(r"\2", text))
    text = _LINE_MARK.sub("", _ROW.sub(_cells, text))
    told = frozenset(_significant(title))
    proper = (
        TextSentence(place, one, line)
        for place, (line, one) in enumerate(
            said for said in sentences_by_line(text) if not is_boilerplate(said[1])
        )
        if len(one) <= MAX_CHARACTERS and _is_proper(one) and not _echoes(one, told) and allows(one)
    )
    candidates = _without_halves(list(islice(proper, MAX_CANDIDATES)), title)
    if not candidates:
        return ""
    chosen = _chosen(candidates, sentences, title)
    return joined(candidates[number].text for number in chosen)


def _cells(row: re.Match[str]) -> str:
    """The cells of a page's layout, which contain its sentences; of a table only long ones."""
    cells = [cell.strip() for cell in row[0].split("|") if cell.strip()]
    if len(cells) >= MIN_COLUMNS:
        cells = [cell for cell in cells if count_words(cell) >= MIN_CELL]
    return "\n".join(cells)


def _without_halves(candidates: list[TextSentence], title: str) -> list[TextSentence]:
    """Without sentences that begin in lower case, unless with a name: they are fragments."""
    about = title.lower()
    halves = sum(_HALF.match(one.text) is not None for one in candidates)
    if halves > MAX_SMALL * len(candidates):
        return candidates
    return [
        one
        for one in candidates
        if not (half := _HALF.match(one.text)) or re.search(rf"\b{re.escape(half[0])}\b", about)
    ]


def _echoes(sentence: str, title: frozenset[str]) -> bool:
    words = frozenset(_significant(sentence))
    return bool(words) and len(words & title) >= MAX_ECHO * len(words)


def _chosen(candidates: Sequence[TextSentence], number: int, title: str) -> list[int]:
    """The positions of the sentences to quote, in order."""
    words = [frozenset(_significant(one.text)) for one in candidates]
    counts = Counter(word for one in candidates for word in _significant(one.text))
    first = " ".join(one.text for one in candidates[:MAX_OPENING_OF_A_PAPER])
    paper = _PAPER.search(first) is not None
    half = HALF_WORTH_OF_A_PAPER if paper else HALF_WORTH_OF_A_PAGE
    worth = [_worth(one.text, counts) / (1 + rank / half) for rank, one in enumerate(candidates)]
    chosen = _opening(candidates, words, title)
    length = sum(len(candidates[one].text) + 1 for one in chosen)
    # Sentences before the opening are slogans, or about the page.
    behind = range(chosen[0] if chosen else 0, len(candidates))
    if chosen and not paper:
        for rank in behind:
            if candidates[rank].place == candidates[chosen[0]].place + 1:
                worth[rank] *= WORTH_BEHIND_THE_OPENING
    for one in sorted(behind, key=lambda rank: -worth[rank]):
        if len(chosen) == number or (chosen and not paper and length >= MIN_OF_A_PAGE):
            break
        fits = length + len(candidates[one].text) <= MAX_CHARACTERS
        if not fits or one in chosen or any(_alike(words[one], words[other]) for other in chosen):
            continue
        if _dangles(candidates, chosen, one, title):
            continue
        chosen.append(one)
        length += len(candidates[one].text) + 1
    return sorted(chosen)


def _opening(
    candidates: Sequence[TextSentence], words: list[frozenset[str]], title: str
) -> list[int]:
    """The opening sentence of the excerpt: the first one that is self-contained and not a slogan.

    A slogan such as "Ship faster, every time." has no word of the story's title.
    """
    alone = [
        one
        for one in range(min(MAX_OPENING, len(candidates)))
        if not _dangles(candidates, [], one, title)
    ]
    named = frozenset(_significant(title))
    telling = [
        one
        for one in alone
        if not named
        or words[one] & named
        or count_words(candidates[one].text) > MAX_SLOGAN
        or _DIGIT.search(candidates[one].text)
    ]
    return (telling or alone)[:1]


def _dangles(candidates: Sequence[TextSentence], chosen: list[int], one: int, title: str) -> bool:
    """Whether a sentence refers to something that only an omitted sentence has introduced."""
    sentence = candidates[one]
    if _points_back(sentence.text):
        # A pronoun in another paragraph may refer to a person who is not named in it.
        person = _PERSON.match(SPEAKER.sub("", sentence.text)) is not None
        return not any(
            candidates[other].place == sentence.place - 1
            and not (person and candidates[other].line != sentence.line)
            for other in chosen
        )
    definite = _DEFINITE.match(sentence.text)
    if definite is None:
        return False
    noun = definite[1].lower()[:NOUN_STEM]
    told = (title, *(candidates[other].text for other in chosen if other < one))
    if any(noun in known.lower() for known in told):
        return False
    introduced = any(noun in other.text.lower() for other in candidates[max(0, one - 8) : one])
    return introduced or bool(_ASSUMES.match(sentence.text))


def _points_back(sentence: str) -> bool:
    said = SPEAKER.sub("", sentence)
    return _BACK.match(said) is not None and _ITSELF.match(said) is None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences say nearly the same."""
    return len(one & other) >= MAX_ALIKE * max(1, min(len(one), len(other)))


def _is_proper(sentence: str) -> bool:
    """Whether it is a sentence, not a heading or figures such as coordinates."""
    return (
        _END.search(sentence) is not None
        and _QUESTION.search(sentence) is None
        and 6 <= count_words(sentence) <= 60
        and is_balanced(sentence)
        and sum(map(str.isalpha, sentence)) > sum(map(str.isdigit, sentence))
    )


def _worth(sentence: str, counts: Counter[str]) -> float:
    words = _significant(sentence)
    return sum(math.log1p(counts[word]) for word in words) / len(words) if words else 0.0


def _significant(words: str) -> list[str]:
    return [word for word in _WORD.findall(words.lower()) if word not in _COMMON]
