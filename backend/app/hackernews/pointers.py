"""Recognises comments that call a story the same as another one."""

from __future__ import annotations

import re
from typing import NamedTuple

from app.text.html import plain_text

POINTER_CHARACTERS = 300
_ITEM = re.compile(r"(?:https?://)?news\.ycombinator\.com/item\?id=(\d{1,15})")
_WHEN = (
    r"(?:yesterday|today|earlier|before|previously|recently|last (?:night|week|month|year)"
    r"|this (?:morning|week|month)|(?:\w+|\d+) (?:hours?|days?|weeks?|months?) ago"
    r"|on (?:mon|tues?|wednes|thurs?|fri|satur|sun)day|here|elsewhere|at)"
)
_SAYS_SO = re.compile(
    rf"""\bdup(?:e|licate)?s?\b | \bre-?post\b
    | \b(?:comments|thread|discussion)\b.{{0,20}}\b(?:moved|merged) | \b(?:moved|merged)\b.{{0,30}}
      \b(?:comments|thread|hither|thither|here|into)\b
    | \bdiscuss(?:ion|ed)\ (?:is\ |was\ |of\ this\ )?{_WHEN.replace(" ", "[ ]")}\b
    | \b(?:posted|submitted|shared|on\ hn)\ {_WHEN.replace(" ", "[ ]")}\b
    | \balready\ (?:being\ |been\ )?(?:posted|discussed|submitted|on\ hn)
    | \bprevious(?:ly)?\b(?:\ (?:on\ (?:hn|hacker\ news)|discuss(?:ed|ions?)|posted|submitted
      |submissions?|threads?|posts?))?(?:\ \w+){{0,3}}\ ?[:(–—-]
    | ^\W*(?:previous(?:ly)?|earlier|before|past|prior)(?:\ (?:on|at|in|hn|hacker|news|here|\d+
      |threads?|discussions?|submissions?|posts?))*\W*https?://
    | \b(?:past|prior)\ (?:discussions?|threads?|submissions?|posts?)\b
    | \b(?:big(?:ger)?|main|larger|ongoing|existing|active|earlier|other|original|hn)\ (?:discussion
      |thread|submission|post)\b
    | \bdiscussion\ ?[(:] | \bmore\ (?:comments|discussion)\b | \bon\ the\ front\ ?page\b
    | \bearlier\ (?:today|this\ week)\b
    | \bsame\ (?:story|article|link|news|page)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DOUBTS_SO = re.compile(
    r"\b(?:not|never|nor|hardly|cannot|isnt|wasnt|arent|different|unlike|unrelated|related"
    r"|follow-?up|sequel|part (?:\d|one|two|ii))\b|n['’]t\b|\?",
    re.IGNORECASE,
)
# The title of the earlier story, which may ask or deny, follows such a heading.
_HEADING = re.compile(r"^\W*(?:previous|earlier|past|prior)[\w ]{0,40}:", re.IGNORECASE)
_MOVES = re.compile(r"\b(?:moved|merged|dup(?:e|licate)?)\b", re.IGNORECASE)
# "Comments moved here from …": the other story's discussion was moved to this one.
_HITHER = re.compile(r"\bhither\b|\b(?:moved|merged)\b.{0,40}\b(?:here|from)\b", re.IGNORECASE)
_THITHER = re.compile(r"\b(?:to|into|thither|in|at)\W*$", re.IGNORECASE)

# Hacker News' moderators, who merge discussions.
MODERATORS = frozenset(("dang", "tomhow"))


class Pointer(NamedTuple):
    """A comment's statement that two stories are the same.

    `moved`: a moderator states that the source's discussion has been moved to the target.
    """

    source: int
    target: int
    author: str | None
    moved: bool = False


def dupe_pointer(comment: str) -> int | None:
    """The story that a short comment such as "[dupe] https://news.ycombinator.com/item?id=1" names.

    None for a comment that denies it or asks.

    Args:
        comment: Hacker News' own HTML.
    """
    text = _text(comment)
    targets = set(_ITEM.findall(text))
    if len(targets) != 1 or len(text) > POINTER_CHARACTERS or not _SAYS_SO.search(text):
        return None
    heading = _HEADING.match(text)
    if _DOUBTS_SO.search(_ITEM.sub(" ", heading[0] if heading else text)):
        return None
    return int(targets.pop())


def read_pointer(story_id: int, author: str | None, comment: str) -> Pointer | None:
    """The pointer in a comment on a story, or None."""
    named = dupe_pointer(comment)
    if named is None or named == story_id:
        return None
    text = _text(comment)
    if author not in MODERATORS or not _MOVES.search(text):
        return Pointer(story_id, named, author)
    before = text[: link.start()] if (link := _ITEM.search(text)) else ""
    if _HITHER.search(text) and not _THITHER.search(before):
        return Pointer(named, story_id, author, moved=True)
    return Pointer(story_id, named, author, moved=True)


def _text(comment: str) -> str:
    return plain_text(comment[: POINTER_CHARACTERS * 4])
