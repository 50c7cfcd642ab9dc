"""Summaries made of a text's own sentences, for use without a language model.

The first self-contained sentence opens the excerpt, because texts first say what a thing is. On a
page the next ones follow in their order, since pages begin with what matters. On a paper others
follow by weight: the mean weight of their significant words, which is the logarithm of the word's
frequency in the text, increased for earlier sentences. Sentences that nearly repeat a chosen one,
or refer to one that is not chosen, are skipped. This is closer than the text's lead, by ROUGE-L, to
the descriptions of pages and to summaries of papers by experts; of papers also closer than LexRank,
TextRank, Luhn and LSA (`make bench-reading PARTS=summaries`, docs/trials/summaries.py).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from app.summaries.boilerplate import is_boilerplate
from app.summaries.gaps import GAP, TextSentence, connected, is_ended
from app.summaries.line_sentences import SPEAKER, sentences_by_line
from app.summaries.own_words import own_words
from app.summaries.references import definite_noun, refers_back
from app.text.language_words import alternatives
from app.text.notices import is_retracted_title, notice_of
from app.text.sentences import CLOSING_MARKS, GAP_MARK, is_balanced, is_whole, split, whole
from app.text.words import count_words

SENTENCES = 3
MAX_CHARACTERS = 600
# The position at which a sentence of a paper has half of its weight: papers reach their point late.
HALF_WORTH_AT = 16
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
# A row with this many cells is one of a table; a cell with this many words is one of a layout.
MIN_COLUMNS, MIN_CELL = 3, 60

# A sentence with such a beginning tells readers what to do.
_INSTRUCTION = re.compile(
    r"[\"“‘(]?(?:do not|don['’]t|please|note(?: that)?|never|warning)\b", re.IGNORECASE
)
# "The applicant had to …" needs an earlier mention; "The price of gas …" does not.
_PERSON = re.compile(rf"(?:{alternatives('excerpts.persons')})\b", re.IGNORECASE)
_ASSUMES = re.compile(
    r"The [a-z]+ (?:is|are|was|were|has|had|have|will|would|can|could|must|should|may|might|did"
    r"|does|also|then|said|says|now|never|even|only)\b"
)
_QUESTION = re.compile(rf"[?？؟][{CLOSING_MARKS}]*$")
# A lower-case word that does not begin a name such as "npm2" or "iPhone".
_HALF = re.compile(r"(?=[a-zß-öø-ÿα-ωа-яё])[^\W\d_A-ZÀ-Þ]+(?=[\s,])")
_ROW = re.compile(r"(?m)^[ \t]*\|.*$|^.*\|[ \t]*$")
# "[1]: 207" at the end of a sentence, whose mark of a footnote was removed.
_PAGE_OF_A_SOURCE = re.compile(r"(?<=[.!?]): ?\d{1,4}(?:[–-]\d{1,4})?(?=\s|$)")
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•>]|#{1,6}|[QA]:|\d{1,2}[.)])[ \t]+")
_MARKUP = re.compile(r"(\*\*|__)(?=\S)([^*_\n]{1,300})(?<=\S)\1")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DIGIT = re.compile(r"\d")
_COMMON_WORDS = """
the and for are but not you all any can had her was one our out has have been this that with they
from what which their will would there when more some them than then were said each about other into
could these also its who how his she him most only over such very just like where after back use
used using make made
"""
_COMMON = frozenset(_COMMON_WORDS.split())


def summarise(
    text: str, allows: Callable[[str], bool], *, title: str = "", sentences: int = SENTENCES
) -> str:
    """The most significant allowed sentences of `text`, in their order. If the text says of itself
    that it does not hold, that comes first.

    Empty if there is no proper sentence, or such a notice that is not allowed.

    Args:
        title: the story's title, which is shown already.
    """
    text = _PAGE_OF_A_SOURCE.sub("", _MARKUP.sub(r"\2", text))
    notice = _notice(text)
    if notice and (not allows(notice) or len(notice) > MAX_CHARACTERS):
        return ""
    text = own_words(text, title)
    text = _LINE_MARK.sub("", _ROW.sub(_cells, text))
    told = frozenset(_significant(title))
    read: list[TextSentence] = []
    proper = (
        one
        for one in _recorded(text, read)
        if len(one.text) <= MAX_CHARACTERS
        and _is_proper(one.text)
        and one.text not in notice
        and not _echoes(one.text, told)
        and allows(one.text)
    )
    candidates = _without_halves(list(islice(proper, MAX_CANDIDATES)), title)
    number = sentences - 1 if notice else sentences
    chosen = [candidates[place] for place in _chosen(candidates, number, title)]
    excerpt = connected(chosen, read, allows, MAX_CHARACTERS)
    return whole(split(f"{notice}{GAP}{excerpt}"), MAX_CHARACTERS) if notice else excerpt


def _notice(text: str) -> str:
    """What a text says of itself, with the mark of a sentence's end; empty for nothing."""
    title = text.partition("\n")[0].strip()
    notice = title if is_retracted_title(title) else notice_of(text)
    return f"{notice}." if notice and not is_ended(notice) else notice


def _recorded(text: str, read: list[TextSentence]) -> Iterator[TextSentence]:
    """The sentences of a text, which are also added to `read`; without an author's mark at the
    beginning that would look like one of a gap.
    """
    for line, one in sentences_by_line(text):
        sentence = one.lstrip(f"{GAP_MARK} ")
        if not is_boilerplate(sentence):
            read.append(TextSentence(len(read), sentence, line))
            yield read[-1]


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
    first = " ".join(one.text for one in candidates[:MAX_OPENING_OF_A_PAPER])
    is_paper = _PAPER.search(first) is not None
    enough = MAX_CHARACTERS if is_paper else MIN_OF_A_PAGE
    chosen = _opening(candidates, words, title)
    length = sum(len(candidates[one].text) + len(GAP) for one in chosen)
    # Sentences before the opening are slogans, or about the page.
    behind: Iterable[int] = range(chosen[0] if chosen else 0, len(candidates))
    for one in _by_worth(candidates, behind) if is_paper else behind:
        if len(chosen) == number or (chosen and length >= enough):
            break
        fits = length + len(candidates[one].text) <= MAX_CHARACTERS
        if not fits or one in chosen or any(_alike(words[one], words[other]) for other in chosen):
            continue
        if _dangles(candidates, chosen, one, title):
            continue
        chosen.append(one)
        length += len(candidates[one].text) + len(GAP)
    return sorted(chosen)


def _by_worth(candidates: Sequence[TextSentence], behind: Iterable[int]) -> list[int]:
    counts = Counter(word for one in candidates for word in _significant(one.text))
    return sorted(
        behind,
        key=lambda rank: -_worth(candidates[rank].text, counts) / (1 + rank / HALF_WORTH_AT),
    )


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
    if _needs_the_one_before(sentence.text):
        # A pronoun in another paragraph may refer to a person who is not named in it.
        person = _PERSON.match(SPEAKER.sub("", sentence.text)) is not None
        return not any(
            candidates[other].place == sentence.place - 1
            and not (person and candidates[other].line != sentence.line)
            for other in chosen
        )
    noun = definite_noun(sentence.text)
    if not noun:
        return False
    told = (title, *(candidates[other].text for other in chosen if other < one))
    if any(noun in known.lower() for known in told):
        return False
    introduced = any(noun in other.text.lower() for other in candidates[max(0, one - 8) : one])
    return introduced or bool(_ASSUMES.match(sentence.text))


def _needs_the_one_before(sentence: str) -> bool:
    said = SPEAKER.sub("", sentence)
    return refers_back(said) or _INSTRUCTION.match(said) is not None


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences say nearly the same."""
    return len(one & other) >= MAX_ALIKE * max(1, min(len(one), len(other)))


def _is_proper(sentence: str) -> bool:
    """Whether it is a sentence, not a heading or figures such as coordinates."""
    return (
        is_ended(sentence)
        and _QUESTION.search(sentence) is None
        and 6 <= count_words(sentence) <= 60
        and is_balanced(sentence)
        and is_whole(sentence)
        and sum(map(str.isalpha, sentence)) > sum(map(str.isdigit, sentence))
    )


def _worth(sentence: str, counts: Counter[str]) -> float:
    words = _significant(sentence)
    return sum(math.log1p(counts[word]) for word in words) / len(words) if words else 0.0


def _significant(words: str) -> list[str]:
    return [word for word in _WORD.findall(words.lower()) if word not in _COMMON]
