"""Numbers in names: "Lektor 6", "level 9", "line 17"."""

from __future__ import annotations

import re

from app.summaries.claims.figures import Quantity

_WORD_BEFORE = re.compile(r"([^\W\d_]{3,})\s+$")
_NUMBER = re.compile(r"[\d.]*\d")


def is_number_of_a_name(quantity: Quantity, claim: str, source: str) -> bool:
    """Whether a quantity of a claim is the number in a name that the source contains."""
    if quantity.unit is not None:
        return False
    before = _WORD_BEFORE.search(claim[: quantity.start])
    number = _NUMBER.match(claim[quantity.start :])
    if before is None or number is None or (quantity.noun and not before[1][0].isupper()):
        return False
    name = rf"\b{re.escape(before[1])} {re.escape(number[0])}(?!\d)"
    return re.search(name, source, re.IGNORECASE) is not None
