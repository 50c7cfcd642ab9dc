"""Recognising what is shown instead of an article: paywalls, robot checks, cookie walls, shells."""

from __future__ import annotations

import re

from app.articles.reasons import Reason, UnreadableError
from app.articles.words import count_words

MINIMUM_WORDS = 30
# What is shown instead of an article is shorter than an article.
OBSTACLE_WORDS = 100
# Publishers mark paid articles for search engines; with this much text, enough of it is free.
FREE_PART_WORDS = 300

_OBSTACLES = {
    Reason.ROBOT_CHECK: re.compile(
        r"(?:are you|not) a robot|verify(?:ing)? (?:that )?you are (?:a )?human|captcha"
        r"|checking your browser|unusual traffic|security check|just a moment",
        re.IGNORECASE,
    ),
    Reason.PAYWALL: re.compile(
        r"subscri(?:be|ption) (?:to|now to) (?:continue|read|keep reading)|subscribers? only"
        r"|already a subscriber|for subscribers|continue reading (?:this|the full)"
        r"|to read the (?:full|rest)",
        re.IGNORECASE,
    ),
    Reason.COOKIE_WALL: re.compile(
        r"we (?:and our (?:\d+ )?(?:\w+ )?partners|use cookies)|accept all(?: cookies)?\b"
        r"|(?:consent|agree) to (?:the use of |our use of )?cookies|cookie (?:settings|preferences)"
        r"|wir (?:und unsere (?:\d+ )?partner|verwenden cookies)|alle (?:cookies )?akzeptieren",
        re.IGNORECASE,
    ),
    Reason.NEEDS_JAVASCRIPT: re.compile(
        r"(?:enable|requires?|need|turn on|without) (?:\w+ )?javascript"
        r"|javascript (?:is|must be|has been|to be) (?:\w+ )?(?:disabled|enabled|required|not)",
        re.IGNORECASE,
    ),
}
_NOT_FREE = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
_SEARCHED_CHARACTERS = 200_000


def check_for_obstacles(text: str, markup: str) -> None:
    """Look for signs that a text is not the article itself.

    Args:
        text: as extracted.
        markup: of the page it comes from, empty for documents.

    Raises:
        UnreadableError: there are, or there is hardly any text.
    """
    words = count_words(text)
    if words < OBSTACLE_WORDS:
        for reason, signs in _OBSTACLES.items():
            # A page without any text says why in its markup.
            if signs.search(text or markup[:_SEARCHED_CHARACTERS]):
                raise UnreadableError(reason, f"{words} words")
    if words < FREE_PART_WORDS and _NOT_FREE.search(markup):
        raise UnreadableError(Reason.PAYWALL, f"{words} words")
    if words < MINIMUM_WORDS:
        raise UnreadableError(Reason.NO_TEXT, f"{words} words")
