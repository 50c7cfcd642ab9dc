"""Maps the kinds of pages to the reasons that are stored and shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus

from app.articles.assess.case import PageVerdict
from app.articles.assess.outcomes import PageOutcome
from app.articles.reasons import PageUnreadableError, Reason
from app.hackernews import retry_after
from app.text.language_words import alternatives

_REASONS = {
    PageOutcome.PARTIAL: Reason.PARTIAL,
    PageOutcome.ROBOT_CHECK: Reason.ROBOT_CHECK,
    PageOutcome.CONSENT: Reason.CONSENT,
    PageOutcome.SIGN_IN: Reason.SIGN_IN,
    PageOutcome.PAYWALL: Reason.PAYWALL,
    PageOutcome.NOT_FOUND: Reason.NOT_FOUND,
    PageOutcome.ERROR: Reason.SERVER_ERROR,
    PageOutcome.PARKED: Reason.PARKED,
}
# The reasons for failing statuses, if the page itself is not more specific.
_STATUSES: dict[int, Reason] = {
    HTTPStatus.FORBIDDEN: Reason.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT: Reason.TIMEOUT,
    HTTPStatus.TOO_EARLY: Reason.SERVER_ERROR,
    HTTPStatus.TOO_MANY_REQUESTS: Reason.TOO_MANY_REQUESTS,
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: Reason.UNAVAILABLE_FOR_LEGAL_REASONS,
}
_REGION = re.compile(alternatives("pages.regions"))
_RATE = re.compile(alternatives("pages.too_many_requests"))


def outcome_of(reason: Reason) -> PageOutcome:
    """The kind of page that a stored reason means."""
    return _OUTCOMES.get(reason, PageOutcome.ERROR)


_OUTCOMES = {reason: outcome for outcome, reason in _REASONS.items()} | {
    Reason.FORBIDDEN: PageOutcome.ROBOT_CHECK
}


def reason_of_outcome(outcome: PageOutcome) -> Reason:
    """The reason for a kind of page that is no article, if nothing more specific is known."""
    return _REASONS[outcome]


def failure_of(
    verdict: PageVerdict, status: int, headers: Mapping[str, str]
) -> PageUnreadableError:
    """The reason for a page that is not an article."""
    reason = _REASONS[verdict.outcome]
    if verdict.outcome is PageOutcome.ERROR:
        reason = _reason_of_error(verdict, status)
    elif status == HTTPStatus.FORBIDDEN and verdict.outcome is PageOutcome.ROBOT_CHECK:
        reason = Reason.ROBOT_CHECK if verdict.phrases or verdict.marked else Reason.FORBIDDEN
    after = retry_after.seconds(headers.get("retry-after"), datetime.now(UTC))
    return PageUnreadableError(reason, f"status {status}; {verdict.why}"[:300], after)


def _reason_of_error(verdict: PageVerdict, status: int) -> Reason:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Reason.SERVER_ERROR
    if status >= HTTPStatus.BAD_REQUEST:
        return _STATUSES.get(status, Reason.REFUSED)
    if any("javascript" in phrase for phrase in verdict.phrases):
        return Reason.NEEDS_JAVASCRIPT
    if any(map(_REGION.search, verdict.phrases)):
        return Reason.NOT_IN_THIS_REGION
    if any(map(_RATE.search, verdict.phrases)):
        return Reason.TOO_MANY_REQUESTS
    return Reason.SERVER_ERROR
