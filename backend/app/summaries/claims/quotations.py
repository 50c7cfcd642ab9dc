"""Checks that the source contains a claim's quotations verbatim."""

from __future__ import annotations

import re

_QUOTED = re.compile(
    r"\"([^\"]{1,1000})\"|“([^”]{1,1000})”|«([^»]{1,1000})»|»([^«]{1,1000})«|„([^“”]{1,1000})[“”]"
    r"|(?<!\w)‘([^’]{2,1000})’(?!\w)|(?<!\w)'([^']{2,1000})'(?!\w)|‹([^›]{1,1000})›|`([^`]{1,300})`"
)
_LEFT_OUT = re.compile(
    r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…|\.\.\.)\s*|\[[^\]]{0,60}\]"
)
_WORD = re.compile(r"[\w%$€£]+")


def quoted(sentence: str) -> list[str]:
    """The texts between quotation marks."""
    return [next(filter(None, match.groups())) for match in _QUOTED.finditer(sentence)]


def stands_in(quotation: str, source: str) -> bool:
    """Whether the source contains the quotation, ignoring punctuation and case."""
    words = f" {_words(source)} "
    parts = [_words(part) for part in _LEFT_OUT.split(quotation)]
    return all(f" {part} " in words for part in parts if part)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold().replace("’", "'")))
