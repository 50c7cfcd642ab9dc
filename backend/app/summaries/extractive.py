"""Summaries out of a text's own sentences, for when there is no language model to ask.

A sentence is worth the mean weight of its significant words, where a word weighs the logarithm of
how often the text has it, and the more the earlier it stands: texts put what matters first. On
papers with summaries by experts that is closer to them, by ROUGE-L, than the text's lead and than
LexRank, TextRank, Luhn and LSA (`make bench-reading PARTS=summaries`, docs/trials/summaries.py).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from itertools import islice

from app.articles.words import count_words
from app.summaries.sentences import split

SENTENCES = 3
MOST_CHARACTERS = 600
# A sentence that stands so far down is worth half of what it would be at the beginning.
HALF_WORTH_AT = 16
# What is looked at of a long text.
MOST_CANDIDATES = 120

# A line that ends otherwise is a heading or an entry of a list.
_END = re.compile(r"[.!?…。！？।][\"'”’»)\]]*$")
_ROW = re.compile(r"(?m)^[ \t]*\|.*$|^.*\|[ \t]*$")
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:[-*•>]|#{1,6})[ \t]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_MOST_COMMON = """
the and for are but not you all any can had her was one our out has have been this that with they
from what which their will would there when more some them than then were said each about other into
could these also its who how his she him most only over such very just like where after back use
used using make made
"""
_COMMON = frozenset(_MOST_COMMON.split())


def summarise(text: str, allows: Callable[[str], bool], *, sentences: int = SENTENCES) -> str:
    """The sentences of `text` that say most of it, in their order, of those that are allowed.

    Empty when there is no proper sentence.
    """
    # Cells stand alone: those of a table hold no sentences, those of a whole page's layout do.
    text = _LINE_MARK.sub("", _ROW.sub(lambda row: row[0].replace("|", "\n"), text))
    proper = filter(_is_proper, split(text))
    short = (one for one in proper if len(one) <= MOST_CHARACTERS and allows(one))
    candidates = list(islice(short, MOST_CANDIDATES))
    counts = Counter(word for one in candidates for word in _significant(one))
    best_first = sorted(
        range(len(candidates)), key=lambda place: -_worth(candidates[place], place, counts)
    )
    chosen: list[int] = []
    length = 0
    for place in best_first:
        if len(chosen) < sentences and length + len(candidates[place]) <= MOST_CHARACTERS:
            chosen.append(place)
            length += len(candidates[place]) + 1
    return " ".join(candidates[place] for place in sorted(chosen))


def _is_proper(sentence: str) -> bool:
    """Whether it is a sentence, and neither a heading nor figures such as coordinates."""
    return (
        _END.search(sentence) is not None
        and 6 <= count_words(sentence) <= 60
        and sum(map(str.isalpha, sentence)) > sum(map(str.isdigit, sentence))
    )


def _worth(sentence: str, place: int, counts: Counter[str]) -> float:
    words = _significant(sentence)
    if not words:
        return 0.0
    return (
        sum(math.log1p(counts[word]) for word in words) / len(words) / (1 + place / HALF_WORTH_AT)
    )


def _significant(words: str) -> list[str]:
    return [word for word in _WORD.findall(words.lower()) if word not in _COMMON]
