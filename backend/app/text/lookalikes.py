"""Normalises text so that differently written forms of the same words match.

Unwanted content can be disguised with full-width letters, invisible characters, "[dot]" or spaced
letters. The result is for matching, not for display.
"""

from __future__ import annotations

import re
import unicodedata

from app.text.language_words import alternatives

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20d0-\u20f0\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Sorting the marks on one letter takes quadratic time.
MAX_MARKS = 30
_MARKS = re.compile(rf"([^\w\s\x00-\x7f]{{{MAX_MARKS}}})[^\w\s\x00-\x7f]+")
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u00b0\u00b7\u2022\u2027\u2219\u22c5\u25e6\u2e31\u2e33", ".")
    | dict.fromkeys("\u3002\u30fb\ua4f8\u06d4\uff61", ".")
    | dict.fromkeys("\u2044\u2215\u29f8\u2571", "/")
    | dict.fromkeys("\u2236\u02d0\ua789", ":")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2212", "-")
)
_DIGIT = re.compile(r"(?![0-9])\d")
_ENTITIES = {
    ".": re.compile(r"(?:&#0{0,4}46|&#x0{0,4}2e|&period|%2e);?", re.IGNORECASE),
    "@": re.compile(r"(?:&#0{0,4}64|&#x0{0,4}40|&commat|%40);?", re.IGNORECASE),
    "/": re.compile(r"(?:&#0{0,4}47|&#x0{0,4}2f|&sol|%2f);?", re.IGNORECASE),
}
# "e v i l . c o m"
_APART = re.compile(r"(?<!\S)(?:\S {1,2}){4,}\S(?!\S)")

# Top-level domains, without those that often follow "dot" by chance.
_ENDS = "com|org|io|xyz|gg|ru|biz|onion|eth"
_SPELLED_ENDS = rf"{_ENDS}|net|info|app|ai|co|me|gov|edu|link|dev|cn|uk|de|fr|tv|club|online|shop"
_DOTS = alternatives("text.dots")
_BRACKETED_DOT = re.compile(
    rf"(?<=\w)\s?[\[({{<]\s?(?:\.|d[o0]t|{_DOTS}|point)\s?[\])}}>]\s?(?=\w)", re.IGNORECASE
)
_BRACKETED_AT = re.compile(r"(?<=\w)\s?[\[({<]\s?(?:@|at)\s?[\])}>]\s?(?=\w)", re.IGNORECASE)
# Excludes phrases such as "the dot com bubble", "since dot com" and "their dot com days".
_NO_NAMES = (
    "the|a|an|of|and|or|in|to|by|for|from|with|since|during|before|after|pre|post|first|second"
    "|early|late|last|old|new|big|this|that|every|each|some|many|most|their|its|our|his|her|s"
)
_SPELLED_DOT = re.compile(
    rf"(?<![\w-])(?!(?:{_NO_NAMES})[\s_-])([\w-]{{1,63}})"
    rf"(?: -d[o0]t- |([\s_-])(?:d[o0]t|{_DOTS}|point(?=.(?:com|org)))\2)"
    rf"(?=(?:{_SPELLED_ENDS})\b)"
    r"(?!\w+[\s_-](?:bubble|boom|bust|crash|era|crisis|compan\w+|startups?|years|days)\b)",
    re.IGNORECASE,
)
_COM = re.compile(r"\bc ?[o0] ?m\b", re.IGNORECASE)
_NO_DOT = re.compile(r"(?<=\w)[,*](?=(?:com|org|net)\b)", re.IGNORECASE)
_LOOSE_DOT = re.compile(rf"(?<=\w)(?:\s\.\s?|\.\s)(?=(?:{_ENDS})\b)")
_SPELLED_SLASH = re.compile(r"(?<=\w)\s(?:slash|forward slash)\s(?=\w)", re.IGNORECASE)


def normalise(text: str) -> str:
    """`text` with plain characters, and with spelled-out addresses joined."""
    if not text.isascii():
        text = _INVISIBLE.sub("", text)
        text = unicodedata.normalize("NFKC", _MARKS.sub(r"\1", text)).translate(_PUNCTUATION)
        text = _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)
    for character, entity in _ENTITIES.items():
        text = entity.sub(character, text)
    text = _APART.sub(lambda found: found[0].replace(" ", ""), text)
    text = _COM.sub("com", text)
    text = _NO_DOT.sub(".", _BRACKETED_DOT.sub(".", text))
    text = _BRACKETED_AT.sub("@", text)
    text = _LOOSE_DOT.sub(".", _SPELLED_DOT.sub(r"\1.", text))
    return _SPELLED_SLASH.sub("/", text)
