"""Recognises models' refusals in the text of an answer, instead of in the field for them."""

from __future__ import annotations

import re

_REFUSAL = re.compile(
    r"(?:(?:i['’]m|i am) (?:\w+ )?(?:sorry|unable|not able)\b"
    r"|(?:sorry|apologies|unfortunately)[,.!]* (?:but )?i(?:['’]m)?\b"
    r"|as an ai(?: (?:language )?model|,| i\b)"
    r"|i (?:can['’]?t|can ?not|could(?:n['’]t| not)|won['’]t|will not) (?:\w+ )?"
    r"(?:assist|help|comply|provide|fulfil|summari|create|generate|access|process|answer|do))",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Whether a text begins like a refusal, such as "I'm sorry, but I can't assist"."""
    return _REFUSAL.match(text) is not None
