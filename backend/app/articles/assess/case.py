"""A page to be classified, with what is known about it, and the verdict."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from app.articles.assess.document import Document
from app.articles.assess.outcomes import PageOutcome

# With fewer words there is no text; walls seldom have more than the second number.
MIN_WORDS, MEDIUM_WORDS = 30, 120


@dataclass(frozen=True, slots=True)
class Expected:
    """What a story leads to expect of its page: its title, and the linked address."""

    title: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PageVerdict:
    """The classification of a page.

    Attributes:
        text: the part of the page's text that belongs to the article; empty if there is none.
        why: the evidence, for the log.
        phrases: the outcome's phrases that the page contains.
        marked: whether it contains a vendor's marker.
    """

    outcome: PageOutcome
    text: str = ""
    why: str = ""
    phrases: frozenset[str] = frozenset()
    marked: bool = False


@dataclass(slots=True)
class Case:
    """A page to be classified; `document` is None unless it is HTML."""

    expected: Expected
    url: str
    status: int
    headers: Mapping[str, str]
    text: str
    document: Document | None = None
    weights: dict[PageOutcome, float] = field(default_factory=lambda: defaultdict(float))
    why: list[str] = field(default_factory=list)
    marked: bool = False
    unrelated: bool = False  # nothing on the page is about the story

    @property
    def failed(self) -> bool:
        return self.status >= HTTPStatus.BAD_REQUEST

    def add(self, outcome: PageOutcome, weight: float, why: str) -> None:
        if weight:
            self.weights[outcome] += weight
            self.why.append(f"{outcome} {weight:+.1f} {why}")
