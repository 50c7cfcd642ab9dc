"""Splits a sentence into tokens for the parsers of figures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from app.text.language_words import alternatives

_ORDINAL = re.compile(rf"(?:{alternatives('claims.ordinal_endings')})$", re.IGNORECASE)
_TOKEN = re.compile(
    r"(?P<iso>\b\d{4}-\d{2}-\d{2}\b)"
    r"|(?P<clock>\b\d{1,2}:\d{2}(?::\d{2})?\b(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}(?:\.\d{2})?\s?[ap]\.?m\b\.?)"
    r"|(?P<name>(?<![\w.])[^\W\d_]+(?:[-_.]?\d[^\W_]*)+(?:[-.]\d[^\W_]*)*)"
    r"|(?P<version>(?<![\w.])v?\d+(?:\.\d+){2,}(?!\w|,\d)|(?<![\w.])\d+(?:\.\d+)*\.x\b)"
    r"|(?P<number>\d+(?:[.,'’\u00a0\u202f]\d+)*)(?P<suffix>[^\W\d_]+)?"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<sign>US\$|[$€£¥₹%‰~/–—-]|°[CF]|[^\w\s])"
)
_GROUPED_VERSION = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    lower: str
    start: int
    end: int
    suffix: str = ""


class Tokens(list[Token]):
    """The tokens of a sentence in `language`; positions outside are allowed."""

    def __init__(self, sentence: str, language: str) -> None:
        super().__init__(_split(sentence, language))

    def kind(self, at: int) -> str:
        """The kind of the token at a position, "" outside."""
        return self[at].kind if 0 <= at < len(self) else ""

    def lower(self, at: int) -> str:
        """The token at a position in lower case, "" outside."""
        return self[at].lower if 0 <= at < len(self) else ""


def _split(sentence: str, language: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(sentence):
        kind = match.lastgroup or ""
        text = match[0]
        suffix = match["suffix"] or ""
        if match["number"]:
            kind, text = "number", match["number"]
            if suffix and _ORDINAL.fullmatch(suffix):
                suffix = ""
        elif kind == "version" and _GROUPED_VERSION.fullmatch(text) and language != "en":
            kind = "number"
        yield Token(kind, text, text.lower(), match.start(), match.end(), suffix)


def is_year(token: Token) -> bool:
    return token.text.isdigit() and len(token.text) == 4 and is_year_value(int(token.text))


def is_year_value(value: float) -> bool:
    return 1400 <= value <= 2100
