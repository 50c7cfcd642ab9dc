"""The reasons why a page has no text, and the retry policy of each.

Their texts for readers are in `app.wording`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MAX_WAIT_SECONDS = 86_400


class Reason(StrEnum):
    """The codes in `stories.article_reason`."""

    # About the address itself.
    BAD_ADDRESS = "bad_address"
    PRIVATE_ADDRESS = "private_address"
    # About the connection.
    UNKNOWN_HOST = "unknown_host"
    NO_CONNECTION = "no_connection"
    BAD_CERTIFICATE = "bad_certificate"
    TIMEOUT = "timeout"
    BROKEN_ANSWER = "broken_answer"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    # About the response.
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    ROBOTS_TXT = "robots_txt"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"
    UNAVAILABLE_FOR_LEGAL_REASONS = "unavailable_for_legal_reasons"
    REFUSED = "refused"
    # About the kind of page.
    PARTIAL = "partial"  # the page was read, but the rest is behind a paywall
    PAYWALL = "paywall"
    SIGN_IN = "sign_in"
    PARKED = "parked"
    NOT_IN_THIS_REGION = "not_in_this_region"
    SAME_TEXT = "same_text"
    VIDEO = "video"
    SOCIAL_POST = "social_post"
    NEEDS_JAVASCRIPT = "needs_javascript"
    ROBOT_CHECK = "robot_check"
    CONSENT = "consent"
    NOT_TEXT = "not_text"
    NO_TEXT = "no_text"
    ENCRYPTED = "encrypted"
    EXTRACTION_FAILED = "extraction_failed"
    EXTRACTION_TIMEOUT = "extraction_timeout"


class PageUnreadableError(Exception):
    """A page has no text.

    Attributes:
        reason: the stored code.
        detail: for the log.
        retry_after: the pause that the server asks for, in seconds, or None.
    """

    def __init__(self, reason: Reason, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(reason, detail, retry_after)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})" if self.detail else self.reason


@dataclass(frozen=True, slots=True)
class _Policy:
    """The delays before further attempts, in minutes; none: the first failure is final.

    With `for_ever` the last delay repeats, until the story is no longer followed.
    """

    waits: tuple[int, ...] = ()
    for_ever: bool = False


_FINAL = _Policy()
_POLICIES = {
    Reason.UNKNOWN_HOST: _Policy((10, 60, 360)),
    Reason.NO_CONNECTION: _Policy((5, 15, 60, 180), for_ever=True),
    Reason.BAD_CERTIFICATE: _Policy((180,)),
    Reason.TIMEOUT: _Policy((5, 30, 180), for_ever=True),
    Reason.BROKEN_ANSWER: _Policy((10, 60)),
    Reason.TOO_MANY_REDIRECTS: _Policy((60,)),
    Reason.NOT_FOUND: _Policy((60,)),
    Reason.FORBIDDEN: _Policy((60,)),
    Reason.TOO_MANY_REQUESTS: _Policy((10, 30, 60, 180), for_ever=True),
    Reason.SERVER_ERROR: _Policy((5, 15, 60, 180), for_ever=True),
    # A wall may disappear: challenges end, articles become free, sites recover.
    Reason.ROBOT_CHECK: _Policy((120, 480)),
    Reason.CONSENT: _Policy((360,)),
    Reason.SIGN_IN: _Policy((720,)),
    Reason.PAYWALL: _Policy((720,)),
    Reason.PARKED: _Policy((360, 720)),
    Reason.NEEDS_JAVASCRIPT: _Policy((360,)),
    Reason.NOT_IN_THIS_REGION: _Policy((720,)),
    Reason.SAME_TEXT: _Policy((120, 480)),
    Reason.NO_TEXT: _Policy((120,)),
    # A worker also ends when the host runs out of memory.
    Reason.EXTRACTION_FAILED: _Policy((60,)),
}


def next_wait(error: PageUnreadableError, attempts: int) -> timedelta | None:
    """The delay after `attempts` failed attempts (from 1); None: give up."""
    policy = _POLICIES.get(error.reason, _FINAL)
    if attempts <= len(policy.waits):
        minutes = policy.waits[attempts - 1]
    elif policy.for_ever:
        minutes = policy.waits[-1]
    else:
        return None
    asked = timedelta(seconds=min(error.retry_after or 0, MAX_WAIT_SECONDS))
    return max(timedelta(minutes=minutes), asked)
