"""Checks one claim against its source: figures, names, quotations, speakers, and its content."""

from __future__ import annotations

from collections.abc import Callable, Collection

from app.summaries.claims import figure_checks, name_checks, wording_checks
from app.summaries.claims.evidence import Source
from app.summaries.claims.fit import Fit
from app.summaries.claims.statement import Finding, Statement

# The least specific content that a claim must share with one place of the source. A longer claim
# needs more, because it shares a few words with any place by chance; one in another language than
# its source needs less, because fewer of its words are recognised.
MIN_HELD, HELD_OF_ANY, HELD_OF_EACH = 1.8, 0.8, 0.15
SHARE_ACROSS = 0.6
# A claim is also supported if one sentence contains nearly all of its words.
MIN_COVERED = 0.8
CHECKS: tuple[Callable[[Fit], Finding | None], ...] = (
    wording_checks.check_quotations,
    figure_checks.check_quantities,
    figure_checks.check_ranges,
    figure_checks.check_dates,
    figure_checks.check_other_figures,
    name_checks.check_names,
    name_checks.check_speaker,
    name_checks.check_several_speakers,
    wording_checks.check_substitutions,
    wording_checks.check_negations,
)


class Checker:
    """Checks claims in `language` against a source."""

    def __init__(self, source: Source, language: str) -> None:
        self.source = source
        self._language = language

    def verdict(self, text: str, cited: Collection[int] | None = None) -> Finding:
        """Whether the source supports a sentence; `cited` are the numbers of its cited parts."""
        sentences = self.source.sentences
        pool = [one for one in sentences if cited is None or one.part in cited]
        fit = Fit(Statement(text, self._language, self.source), pool, self.source)
        for check in CHECKS:
            if (finding := check(fit)) is not None:
                return finding
        return self._support(fit)

    def _support(self, fit: Fit) -> Finding:
        same = self.source.language == self._language
        needed = max(MIN_HELD, HELD_OF_ANY + HELD_OF_EACH * fit.said)
        needed *= 1.0 if same else SHARE_ACROSS
        enough = fit.best >= needed or fit.covered >= MIN_COVERED
        return Finding("" if enough else "unsupported", f"{fit.best:.2f}")
