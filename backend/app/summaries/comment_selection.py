"""Selects a few comments that represent a discussion, where no model summarises it.

Two or three self-contained comments from different threads: the one with the highest weight, then
one that contradicts or complements it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.hackernews.discussion_store import PlacedComment
from app.summaries.quotes import quote, refers_to_omitted
from app.text.sentences import split, whole

MAX_VOICES = 3
MAX_CHARACTERS = 200
# The length of a discussion line in a long digest.
MIN_BRIEF, BRIEF = 80, 120
# Few people read the comments below.
MAX_CANDIDATES = 40
# The position at which a comment has half the weight of the first one.
HALF_WORTH_AT = 12
FULL_WORDS = 30
# Two comments that share a larger part of their words say the same.
MAX_SHARED = 0.4
_CONTRADICTS = re.compile(
    r"\b(?:disagree|not true|isn't true|wrong|incorrect|on the contrary|the opposite|counterpoint"
    r"|counterexample|however|i doubt|skeptical|sceptical|overrated|misleading|in practice|except"
    r"|don't think|doesn't work|never worked|problem with|downside|not the case)\b",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"\d|\bI (?:work|worked|built|wrote|maintain|maintained|run|ran|use|used|measured|tested)\b"
)
_INNER = re.compile(r"(?<![\w\"])\"(\S[^\"]{0,200})\"(?!\w)|“([^“”]{1,200})”")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class QuotedComment:
    """A quotation from a comment, in plain text, with its position."""

    comment_id: int
    author: str
    text: str

    @property
    def line(self) -> str:
        """The quotation with its author; quotation marks in it become single ones."""
        inside = _INNER.sub(r"‘\1\2’", self.text)
        return f"{self.author}: “{inside}”"


@dataclass(frozen=True, slots=True)
class _Candidate:
    voice: QuotedComment
    parent_id: int
    worth: float
    words: frozenset[str]
    contradicts: bool


def select_comments(comments: Sequence[PlacedComment]) -> list[QuotedComment]:
    """The comments to quote, the highest weight first; empty if none is self-contained."""
    candidates = _candidates(comments)
    chosen: list[_Candidate] = []
    while candidates and len(chosen) < MAX_VOICES:
        best = max(candidates, key=lambda one: _worth_beside(one, chosen))
        candidates.remove(best)
        if not any(_alike(best, one) for one in chosen):
            chosen.append(best)
    return [one.voice for one in chosen]


def _candidates(comments: Sequence[PlacedComment]) -> list[_Candidate]:
    replies = Counter(placed.comment.parent_id for placed in comments)
    texts = {placed.comment.id: placed.comment.text or "" for placed in comments[:MAX_CANDIDATES]}
    found: list[_Candidate] = []
    authors: set[str] = set()
    for placed in comments[:MAX_CANDIDATES]:
        comment = placed.comment
        said = quote(comment.text or "", MAX_CHARACTERS)
        if not said or not comment.author or comment.author in authors:
            continue
        if refers_to_omitted(said, [texts.get(comment.parent_id, "")]):
            continue  # it refers to something in its parent comment
        authors.add(comment.author)
        length = min(1.0, len(said.split()) / FULL_WORDS)
        answered = min(1.0, replies[comment.id] / 4)
        worth = (
            (0.5 + length + 0.5 * answered + 0.2 * bool(_FACT.search(said)))
            / (1 + placed.position / HALF_WORTH_AT)
            / (1 + 0.3 * placed.depth)
            * (1.2 if _is_brief(QuotedComment(comment.id, comment.author, said)) else 1)
        )
        found.append(
            _Candidate(
                QuotedComment(comment.id, comment.author, said),
                comment.parent_id,
                worth,
                frozenset(_WORD.findall(said.lower())),
                _CONTRADICTS.search(said) is not None,
            )
        )
    return found


def _worth_beside(candidate: _Candidate, chosen: Sequence[_Candidate]) -> float:
    """A comment's value beside the chosen ones: higher if it contradicts the first one."""
    if not chosen:
        return candidate.worth
    answers = any(candidate.parent_id == one.voice.comment_id for one in chosen)
    return candidate.worth * (1 + 0.7 * candidate.contradicts + 0.7 * answers)


def _is_brief(voice: QuotedComment) -> bool:
    return len(whole(split(voice.line), BRIEF)) >= MIN_BRIEF


def _alike(one: _Candidate, other: _Candidate) -> bool:
    common = len(one.words & other.words)
    return common > MAX_SHARED * max(1, min(len(one.words), len(other.words)))
