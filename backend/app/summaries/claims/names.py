"""Compares names: folded, and equal to names derived from them."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import SequenceMatcher

from app.summaries.claims.terms import common_beginning

_WORD = re.compile(r"[^\W\d_][\w'’.+-]*[\w+]|[^\W\d_]")
_POSSESSIVE = re.compile(r"['’]s?$")
_QUOTES = " \"'“‘«»„("
MIN_COMMON = 4
# Names with fewer letters may be alike by chance; the least share of common letters.
MIN_ALIKE, MIN_RATIO = 6, 0.83
# "REM-like", "Berlin-based", "mid-June".
_AFFIXES = """
mid late early like based style era led born wide only free driven made owned backed funded related
compatible inspired powered
"""
AFFIXES = frozenset(_AFFIXES.split())
# Places and their adjectives, where neither begins like the other.
_OF_PLACES = """
netherlands dutch holland
france french
britain british uk english england
switzerland swiss
greece greek
spain spanish
denmark danish danes
wales welsh
poland polish poles
turkey turkish turks
ireland irish
germany german
us usa american america
norway norwegian
czechia czech
brussels eu european
"""
_PLACES = [frozenset(line.split()) for line in _OF_PLACES.split("\n") if line]


def fold(name: str) -> str:
    """A name in the form used for comparison."""
    return _POSSESSIVE.sub("", name.strip(" .,;:'’\"")).casefold()


def names_in(text: str) -> list[str]:
    """The folded words of a text that begin with or contain a capital, or contain "_"."""
    found = []
    for match in _WORD.finditer(text):
        word = _POSSESSIVE.sub("", match[0]).rstrip(".")
        if any(map(str.isupper, word)) or "_" in word:
            found.append(word.casefold())
            found += [part.casefold() for part in word.split("-")[1:] if part[:1].isupper()]
    return found


def adjacent_names(text: str, known: Collection[str]) -> list[list[tuple[str, bool]]]:
    """The words that may be names, folded; adjacent ones are grouped.

    Each is paired with whether it begins a sentence. `known` are folded names that need no capital.
    """
    found: list[list[tuple[str, bool]]] = []
    end = -9
    for match in _WORD.finditer(text):
        word = _POSSESSIVE.sub("", match[0]).rstrip(".")
        folded = word.casefold()
        if folded not in known and folded.removesuffix("s") in known:
            folded = folded.removesuffix("s")
        if not any(map(str.isupper, word)) and "_" not in word and folded not in known:
            continue
        before = text[: match.start()].rstrip(_QUOTES)
        entry = folded, not before or before[-1] in ".!?:"
        if match.start() == end + 1 and text[end] == " ":
            found[-1].append(entry)
        else:
            found.append([entry])
        end = match.end()
    return found


def are_alike(name: str, other: str) -> bool:
    """Whether two folded names are equal, or one is derived from the other ("Swedish")."""
    if name == other or any(name in one and other in one for one in _PLACES):
        return True
    common = common_beginning(name, other)
    shorter, longer = sorted((len(name), len(other)))
    if common < MIN_COMMON or longer - common > 4 or shorter - common > 2:
        return False
    # "Imba" is not derived from "Imbo", but "Polish" may be from "Poland".
    return longer != shorter or longer - common > 1


def is_misspelt(name: str, other: str) -> bool:
    """Whether two different names are so alike that one is probably meant for the other."""
    if len(name) < MIN_ALIKE or abs(len(name) - len(other)) > 1 or name[0] != other[0]:
        return False
    if are_alike(name, other) or name.rstrip("s") == other.rstrip("s"):
        return False
    return SequenceMatcher(None, name, other, autojunk=False).ratio() >= MIN_RATIO


def abbreviates(name: str, text: str) -> bool:
    """Whether a name consists of the initials of words of a text, or letters of one compound."""
    letters = name.replace(".", "")
    if not 2 <= len(letters) <= 5:
        return False
    words = re.findall(r"\w+", text.casefold())
    if letters in "".join(word[0] for word in words):
        return True
    inside = re.compile(".*".join(map(re.escape, letters)))
    return any(len(word) > 8 and inside.match(word) for word in words)
