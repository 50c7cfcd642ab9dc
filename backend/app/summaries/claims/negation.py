"""Recognises negations, direct and indirect."""

from __future__ import annotations

import re

from app.text.language_words import alternatives

_NEGATION = re.compile(rf"\b(?:{alternatives('claims.negation')})\b", re.IGNORECASE)
# Equivalent to a negation, or cancels one.
_HINT = re.compile(rf"\b(?:{alternatives('claims.hint_of_negation')})\b", re.IGNORECASE)


def is_negated(text: str) -> bool:
    """Whether a text contains a word such as "not"."""
    return _NEGATION.search(text) is not None


def may_be_negative(text: str) -> bool:
    """Whether a text may be negative without such a word."""
    return _HINT.search(text) is not None
