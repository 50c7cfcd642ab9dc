"""Finds the headlines about one outage: they differ in wording, but name the same product."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from app.text.outages import reports_outage
from app.text.phrases import COMMON_WORDS, words_of

_MIN_NAME = 3


def group_by_outage(headlines: Sequence[str]) -> dict[int, int]:
    """Index of each headline about an outage → index of the first one about the same outage.

    A name is a word that no headline writes in lower case. Of several, the name that most headlines
    about outages share is the one that is down.
    """
    small = words_of([_words(headline, capital=False) for headline in headlines]).distinct()
    names = {
        place: words_of([_words(headline, capital=True)]).distinct() - small - COMMON_WORDS
        for place, headline in enumerate(headlines)
        if reports_outage(headline)
    }
    shared = Counter(name for some in names.values() for name in some if len(name) >= _MIN_NAME)
    first: dict[str, int] = {}
    same = {}
    for place, some in names.items():
        if name := max(some & shared.keys(), key=lambda one: (shared[one], one), default=None):
            same[place] = first.setdefault(name, place)
    return same


def _words(headline: str, *, capital: bool) -> str:
    return " ".join(
        word for word in re.findall(r"[\w.+#-]+", headline) if word[0].islower() is not capital
    )
