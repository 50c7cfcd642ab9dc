"""Why a page gave no text, and whether to try again.

What readers are told about each reason is in `app.wording`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LONGEST_WAIT_SECONDS = 86_400


class Reason(StrEnum):
    """The codes in `stories.article_reason`."""

    # The address itself.
    BAD_ADDRESS = "bad_address"
    PRIVATE_ADDRESS = "private_address"
    # The way there.
    UNKNOWN_HOST = "unknown_host"
    NO_CONNECTION = "no_connection"
    BAD_CERTIFICATE = "bad_certificate"
    TIMEOUT = "timeout"
    BROKEN_ANSWER = "broken_answer"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    TOO_LARGE = "too_large"
    # What the server said.
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    ROBOTS_TXT = "robots_txt"
    TOO_MANY_REQUESTS = "too_many_requests"
    SERVER_ERROR = "server_error"
    UNAVAILABLE_FOR_LEGAL_REASONS = "unavailable_for_legal_reasons"
    REFUSED = "refused"
    # What the page is.
    PAYWALL = "paywall"
    VIDEO = "video"
    SOCIAL_POST = "social_post"
    NEEDS_JAVASCRIPT = "needs_javascript"
    ROBOT_CHECK = "robot_check"
    COOKIE_WALL = "cookie_wall"
    NOT_TEXT = "not_text"
    NO_TEXT = "no_text"
    ENCRYPTED = "encrypted"
    EXTRACTION_FAILED = "extraction_failed"
    EXTRACTION_TIMEOUT = "extraction_timeout"


class UnreadableError(Exception):
    """A page gave no text.

    Attributes:
        reason: the code that is stored.
        detail: for the log.
        retry_after: seconds that the server asked to wait, if it did.
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
    """After which waits, in minutes, to try again; none: the first failure is final.

    With `for_ever` the last wait repeats; a story is forgotten before that becomes impolite.
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
    Reason.NO_TEXT: _Policy((120,)),
    # A worker also dies when the whole host is short of memory.
    Reason.EXTRACTION_FAILED: _Policy((60,)),
}


def next_wait(error: UnreadableError, attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts (from 1); None: give up."""
    policy = _POLICIES.get(error.reason, _FINAL)
    if attempts <= len(policy.waits):
        minutes = policy.waits[attempts - 1]
    elif policy.for_ever:
        minutes = policy.waits[-1]
    else:
        return None
    asked = timedelta(seconds=min(error.retry_after or 0, LONGEST_WAIT_SECONDS))
    return max(timedelta(minutes=minutes), asked)
