"""Recognises negations, direct and indirect."""

from __future__ import annotations

import re

_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|nobody|none|neither|nor|without|cannot|\w+n['’]t|nicht|kein\w*|nie"
    r"|niemals|ohne|nichts|niemand|weder|ni|nunca|jamás|nada|nadie|ningún|ninguna|ninguno|sin"
    r"|tampoco|pas|jamais|sans|aucun\w*|rien)\b",
    re.IGNORECASE,
)
# Equivalent to a negation, or cancels one.
_HINT = re.compile(
    r"\b(?:un(?:able|clear|changed|affected|likely|available)|in(?:valid|capable|sufficient)\w*|fail\w*|lack\w*|den(?:y|ies|ied)|refus\w+|avoid\w*"
    r"|stop\w*|ceas\w+|drop\w*|remov\w+|gone|lost|los[et]\w*|only|barely|hardly|few|fewer|less|rather"
    r"|instead|prevent\w*|block\w*|ban\w*|forb\w+|prohibit\w*|reject\w*|miss\w*|absen\w+|stay\w*"
    r"|remain\w*|except\w*|leave|left|against|oppos\w+|disput\w+|contradict\w*"
    r"|verbiet\w*|verbot\w*|fehl\w*|ausschließ\w*|ohne|nur|kaum|sondern|niega|negó|descart\w+"
    r"|solo|sino|excluy\w+|fuera)\b",
    re.IGNORECASE,
)


def is_negated(text: str) -> bool:
    """Whether a text contains a word such as "not"."""
    return _NEGATION.search(text) is not None


def hints(text: str) -> bool:
    """Whether a text may be negative without such a word."""
    return _HINT.search(text) is not None
