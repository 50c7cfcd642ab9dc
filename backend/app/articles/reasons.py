"""Why a page gave no text, what to tell a reader about it, and whether to try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


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


def _minutes(*minutes: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=count) for count in minutes)


@dataclass(frozen=True, slots=True)
class _Policy:
    """How to explain a reason, and after which waits to try again.

    With `for_ever` the last wait repeats; a story is forgotten before that becomes impolite.
    """

    sentence: str
    waits: tuple[timedelta, ...] = ()
    for_ever: bool = False


_POLICIES = {
    Reason.BAD_ADDRESS: _Policy("The link does not lead to a web page."),
    Reason.PRIVATE_ADDRESS: _Policy("The link leads into a private network."),
    Reason.UNKNOWN_HOST: _Policy("The site's name is unknown.", _minutes(10, 60, 360)),
    Reason.NO_CONNECTION: _Policy(
        "The site could not be reached.", _minutes(5, 15, 60, 180), for_ever=True
    ),
    Reason.BAD_CERTIFICATE: _Policy("The site's certificate is not valid.", _minutes(180)),
    Reason.TIMEOUT: _Policy("The site took too long.", _minutes(5, 30, 180), for_ever=True),
    Reason.BROKEN_ANSWER: _Policy("The site's answer was broken.", _minutes(10, 60)),
    Reason.TOO_MANY_REDIRECTS: _Policy("The link leads in circles.", _minutes(60)),
    Reason.TOO_LARGE: _Policy("The page is too large."),
    Reason.NOT_FOUND: _Policy("The page is gone.", _minutes(60)),
    Reason.FORBIDDEN: _Policy("The site does not let programs read the page.", _minutes(60)),
    Reason.TOO_MANY_REQUESTS: _Policy(
        "The site was too busy.", _minutes(10, 30, 60, 180), for_ever=True
    ),
    Reason.SERVER_ERROR: _Policy("The site had an error.", _minutes(5, 15, 60, 180), for_ever=True),
    Reason.UNAVAILABLE_FOR_LEGAL_REASONS: _Policy("The page is withheld for legal reasons."),
    Reason.REFUSED: _Policy("The site refused the request."),
    Reason.PAYWALL: _Policy("The page is behind a paywall."),
    Reason.VIDEO: _Policy("The link is a video."),
    Reason.SOCIAL_POST: _Policy("The site shows its posts only to people who are logged in."),
    Reason.NEEDS_JAVASCRIPT: _Policy("The page shows nothing without JavaScript."),
    Reason.ROBOT_CHECK: _Policy("The site asks visitors to prove that they are human."),
    Reason.NOT_TEXT: _Policy("The link is neither a page nor a document."),
    Reason.NO_TEXT: _Policy("The page has too little text.", _minutes(120)),
    Reason.ENCRYPTED: _Policy("The document is locked with a password."),
    Reason.EXTRACTION_FAILED: _Policy("The page could not be taken apart."),
    Reason.EXTRACTION_TIMEOUT: _Policy("The page is too complicated."),
}


def explain(code: str) -> str:
    """One English sentence for a reader about why there is no text."""
    return _POLICIES[Reason(code)].sentence


def next_wait(error: UnreadableError, attempts: int) -> timedelta | None:
    """How long to wait after the given number of failed attempts (from 1); None: give up."""
    policy = _POLICIES[error.reason]
    if attempts <= len(policy.waits):
        wait = policy.waits[attempts - 1]
    elif policy.for_ever:
        wait = policy.waits[-1]
    else:
        return None
    asked = timedelta(seconds=min(error.retry_after or 0, 86_400))
    return max(wait, asked)
