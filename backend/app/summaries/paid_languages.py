"""The languages in which the operator pays for summaries."""

from __future__ import annotations

from app.languages import SUMMARIES
from app.settings import ModelSettings
from app.wording import LANGUAGES


def languages_paid_for(settings: ModelSettings) -> tuple[str, ...]:
    """The languages of summaries: those that the operator configures, or English and those of the
    interface.
    """
    chosen = settings.summary_languages
    return tuple(code for code in SUMMARIES if code in (LANGUAGES if chosen is None else chosen))
