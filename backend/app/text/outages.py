"""Recognises headlines about outages."""

from __future__ import annotations

import re

# "Shuts down", "issues a statement" and "fails to" do not mean an outage.
_OUTAGE = re.compile(
    r"\b(?:(?:is|are|was|were|goes|went|still|back) (?:down|up again|offline)|outages?|downtime"
    r"|unreachable|unavailable|(?:experiencing|network|connectivity|service) (?:issues|problems)"
    r"|disruptions?|(?:incident|outage) (?:report|post-?mortem)|post-?mortem|knocked offline)\b",
    re.IGNORECASE,
)


def reports_outage(headline: str) -> bool:
    """Whether a headline states that something is or was down."""
    return _OUTAGE.search(headline) is not None
