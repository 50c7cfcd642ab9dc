"""Recognises stories whose titles explain words that would otherwise indicate a wall."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.articles.assess.outcomes import WALLS, PageOutcome
from app.text.language_words import alternatives

_TOPICS: Mapping[PageOutcome, re.Pattern[str]] = {
    outcome: re.compile(
        # About the web itself and its failures.
        rf"\b(?:{alternatives(f'pages.titles_about_{outcome}')}"
        r"|http|status\ codes?|error\ pages?|[45]\d\d)\b",
        re.IGNORECASE | re.VERBOSE,
    )
    for outcome in WALLS
}
_PRODUCT = re.compile(r"^(?:show|launch) hn\b", re.IGNORECASE)


def is_topic_of(outcome: PageOutcome, title: str) -> bool:
    """Whether a story's title is about the subject of an outcome's pages."""
    topic = _TOPICS.get(outcome)
    return topic is not None and topic.search(title) is not None


def is_product(title: str) -> bool:
    """Whether a story shows its author's product, so that the page offers it."""
    return _PRODUCT.match(title) is not None
