"""Leaves out the lines of a text that are not what its author says: quotations, questions, comments
in code, captions, and what a list or a section is said to deny.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.summaries.claims.negation import is_negated
from app.text.language_words import alternatives
from app.text.paragraphs import FENCE
from app.text.sentences import end_pattern
from app.text.words import count_words

# A line with more words is no heading, or not one over what is denied.
MAX_HEADING, MAX_DENIED = 10, 5

_QUOTED = re.compile(r"\s*(?:[-*•] )?>\s")
_QUESTION = re.compile(r"\s*\W{0,2}Q\d{0,2}\W{0,2}[:.]\s")
_CAPTION = re.compile(
    rf"\s*(?:{alternatives('excerpts.captions')})\s?\d+[a-z]?\s?[.:|–—-]\s", re.IGNORECASE
)
_ITEM = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s")
_DENYING = re.compile(rf"(?<!\w)(?:{alternatives('excerpts.denying')})(?!\w)", re.IGNORECASE)
_DENIED = re.compile(rf"(?<!\w)(?:{alternatives('excerpts.denied')})(?!\w)", re.IGNORECASE)
_END = end_pattern(":")


def own_words(text: str, title: str) -> str:
    """A text without the lines that its author does not say, which are left empty.

    Args:
        title: the story's title, which tells of all of the text that something is denied.
    """
    return "\n".join(_lines(text.split("\n"), title))


def _lines(lines: list[str], title: str) -> Iterator[str]:
    in_code = in_denied_list = in_denied_section = False
    for line in lines:
        if line.strip() == FENCE:
            in_code = not in_code
            yield ""
            continue
        if in_code or not line.strip():
            yield ""
            continue
        if not _ITEM.match(line):
            in_denied_list = False
            if _is_heading(line):
                denied = _DENIED.search(line) if count_words(line) <= MAX_DENIED else None
                in_denied_section = denied is not None and denied[0].lower() not in title.lower()
        left_out = in_denied_list or in_denied_section or _is_anothers(line)
        if line.rstrip().endswith(":"):
            in_denied_list = is_negated(line) or _DENYING.search(line) is not None
        yield "" if left_out else line


def _is_anothers(line: str) -> bool:
    return any(one.match(line) for one in (_QUOTED, _QUESTION, _CAPTION))


def _is_heading(line: str) -> bool:
    return count_words(line) <= MAX_HEADING and _END.search(line.rstrip()) is None
