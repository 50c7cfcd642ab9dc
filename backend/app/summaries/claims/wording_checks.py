"""Checks quotations, substituted words, and added or missing negations."""

from __future__ import annotations

import re

from app.summaries.claims.evidence import Sentence
from app.summaries.claims.fit import Fit
from app.summaries.claims.negation import is_negated, may_be_negative
from app.summaries.claims.quotations import quoted, stands_in
from app.summaries.claims.statement import Finding
from app.summaries.claims.word_lists import STOPWORDS
from app.text import language_words

MIN_TERMS_OF_A_NEGATION, MIN_SHARE_OF_A_NEGATION, MAX_TERMS_MORE = 2, 0.85, 2.2
# A nearly verbatim sentence: the least match, number of words, and share.
MIN_VERBATIM, MIN_WORDS_VERBATIM, MIN_SHARE_VERBATIM = 0.9, 3, 0.7
# This many consecutive words determine the next one.
CONTEXT = 3
_DETERMINERS = language_words.words("claims.determiners")
_TOKEN = re.compile(r"[\w'’.-]*\w")


def check_quotations(fit: Fit) -> Finding | None:
    """The source must contain each quotation."""
    text = "\n".join(one.text for one in fit.pool)
    for one in quoted(fit.claim.text):
        if not stands_in(one, text):
            return Finding("quotation", one)
    return None


def check_substitutions(fit: Fit) -> Finding | None:
    """ "From the station to the bakery", where the source continues "to the harbour"."""
    own = list(_TOKEN.finditer(fit.claim.text.lower()))
    stopwords = STOPWORDS.get(fit.source.language, frozenset())
    rows = dict(zip((one.start for one in fit.claim.terms), fit.grid, strict=True))
    for place in range(CONTEXT, len(own)):
        row = rows.get(own[place].start())
        context = [one[0] for one in own[place - CONTEXT : place]]
        if row is None or context[-1] not in _DETERMINERS or not set(context) - stopwords:
            continue
        for n, one in enumerate(fit.pool):
            follower = _followers(one).get(tuple(context))
            verbatim = sum(each[n] >= MIN_VERBATIM for each in fit.grid)
            if verbatim < max(MIN_WORDS_VERBATIM, MIN_SHARE_VERBATIM * len(fit.grid)):
                continue
            if row[n] == 0 and follower and follower not in stopwords:
                return Finding("unsupported", f"{own[place][0]} for {follower}")
    return None


def _followers(sentence: Sentence) -> dict[tuple[str, ...], str]:
    """The word after every few words."""
    words = _TOKEN.findall(sentence.text.lower())
    return {tuple(words[n - CONTEXT : n]): words[n] for n in range(CONTEXT, len(words))}


def check_negations(fit: Fit) -> Finding | None:
    """The claim equals a sentence of the source, except for a "not"."""
    count = len(fit.grid)
    if count < MIN_TERMS_OF_A_NEGATION:
        return None
    shares = [sum(row[n] for row in fit.grid) / count for n in range(len(fit.pool))]
    place = max(range(len(shares)), key=lambda n: shares[n], default=None)
    if place is None or shares[place] < MIN_SHARE_OF_A_NEGATION:
        return None
    source, claim = fit.pool[place].text, fit.claim.text
    if len(fit.pool[place].terms) > MAX_TERMS_MORE * count:
        return None
    if is_negated(source) == is_negated(claim) or may_be_negative(source) or may_be_negative(claim):
        return None
    return Finding("negation", source[:80])
