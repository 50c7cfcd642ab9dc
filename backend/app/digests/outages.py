"""Which headlines tell of one outage: each says so in words of its own, and names the same name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from app.readers.phrases import COMMON_WORDS, words_of

# "Shuts down", "issues a statement" and "fails to" are no outages.
_OUTAGE = re.compile(
    r"\b(?:(?:is|are|was|were|goes|went|still|back) (?:down|up again|offline)|outages?|downtime"
    r"|unreachable|unavailable|(?:experiencing|network|connectivity|service) (?:issues|problems)"
    r"|disruptions?|(?:incident|outage) (?:report|post-?mortem)|post-?mortem|knocked offline)\b",
    re.IGNORECASE,
)
_SHORTEST_NAME = 3


def tell_of_one_outage(headlines: Sequence[str]) -> dict[int, int]:
    """For the place of each headline about an outage that of the first one about the same.

    A name is a word that no headline writes small; of several, the one that most of the headlines
    about outages share is what is down.
    """
    small = words_of([_words(headline, capital=False) for headline in headlines]).distinct()
    names = {
        place: words_of([_words(headline, capital=True)]).distinct() - small - COMMON_WORDS
        for place, headline in enumerate(headlines)
        if _OUTAGE.search(headline)
    }
    shared = Counter(
        name for some in names.values() for name in some if len(name) >= _SHORTEST_NAME
    )
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
