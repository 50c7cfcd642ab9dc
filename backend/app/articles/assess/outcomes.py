"""The kinds of pages."""

from __future__ import annotations

from enum import StrEnum


class PageOutcome(StrEnum):
    """The kind of a page."""

    ARTICLE = "article"
    PARTIAL = "partial"
    ROBOT_CHECK = "robot_check"
    CONSENT = "consent"
    SIGN_IN = "sign_in"
    PAYWALL = "paywall"
    NOT_FOUND = "not_found"
    ERROR = "error"
    PARKED = "parked"


WALLS = tuple(one for one in PageOutcome if one not in (PageOutcome.ARTICLE, PageOutcome.PARTIAL))
