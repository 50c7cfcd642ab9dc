"""Splits and shortens plain text by sentences, in any script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.text import language_words

# What ends a sentence, for a character class. Chinese and Japanese write no space after it.
SPACED_MARKS, UNSPACED_MARKS = ".!?…؟۔।॥։።", "。！？"
# What may follow the mark: quotation marks, of which “ and « open in other languages, and brackets.
CLOSING_MARKS = r"\"'”’“»«)\]」』）"
# In Latin, Greek and Cyrillic a capital starts a sentence; other scripts have no capitals.
_END = re.compile(rf"[{SPACED_MARKS}][{CLOSING_MARKS}]*\s+")
_END_UNSPACED = re.compile(rf"(?<=[{UNSPACED_MARKS}])(?![{UNSPACED_MARKS}」』”’）])\s*")
_OPENING = "\"'“‘„‚«‹(["
# Stands for sentences that are left out before the one that it begins.
GAP_MARK = "…"
# Stands for a part of a sentence that could not be read, such as a formula drawn as a picture.
MISSING = "\ufffc"
_FORMULA = re.compile(
    r"\\[()\[\]]|\\[A-Za-z]+\s?[{_^]|\$[^$\s][^$\n]{0,200}\\[A-Za-z][^$\n]{0,200}\$"
)
_BEGINS = "¿¡"
_UNSPACED = ("。", "！", "？", "」", "』")
_WITHOUT_GAP = (*_UNSPACED, *(f"{one}{GAP_MARK}" for one in _UNSPACED))
_PAIRS = (("(", ")"), ("[", "]"), ("«", "»"), ("「", "」"), ("『", "』"), ("（", "）"))
# A full stop after a list number, an initial ("U.S.") or an abbreviation does not end a sentence.
_ABBREVIATIONS = "|".join(language_words.words("text.abbreviations"))
_NO_END = re.compile(rf"(?:^|[\s(.\"“„«])(?:\d{{1,2}}|[A-Za-zÀ-ɏͰ-ϿЀ-ӿ]|{_ABBREVIATIONS})\.$")
_MAX_ABBREVIATION = 12


def end_pattern(others: str = "") -> re.Pattern[str]:
    """Finds the end of a text that ends a sentence, with a usual mark or one of `others`."""
    return re.compile(rf"[{SPACED_MARKS}{UNSPACED_MARKS}{others}][{CLOSING_MARKS}]*$")


def split(text: str) -> list[str]:
    """The sentences of `text`; a line break always ends a sentence."""
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return [one for line in lines for one in map(str.strip, _sentences(line)) if one]


def _sentences(line: str) -> list[str]:
    found, start = [], 0
    for end in _END.finditer(line):
        if _ends(line, end):
            found += _END_UNSPACED.split(line[start : end.end()])
            start = end.end()
    return found + _END_UNSPACED.split(line[start:])


def _ends(line: str, end: re.Match[str]) -> bool:
    if line[end.start()] == GAP_MARK and line[max(0, end.start() - 1)] in f"{GAP_MARK} ":
        return False
    following = line[end.end() : end.end() + 4].lstrip(f"{_OPENING}{GAP_MARK} ")[:1]
    # A capital, a digit, or a letter of a script without capitals.
    if not (following.isalnum() and not following.islower()) and following not in _BEGINS:
        return False
    before = line[max(0, end.start() - _MAX_ABBREVIATION) : end.start() + 1]
    return not _NO_END.search(before)


def joined(sentences: Iterable[str]) -> str:
    """Sentences as one text, separated by spaces except in scripts without them."""
    text = ""
    for sentence in sentences:
        gap = "" if not text or text.endswith(_WITHOUT_GAP) else " "
        text = f"{text}{gap}{sentence}"
    return text


def is_whole(sentence: str) -> bool:
    """Whether a sentence lacks no part and has no formula that only a program can typeset."""
    return MISSING not in sentence and _FORMULA.search(sentence) is None


def is_balanced(sentence: str) -> bool:
    """Whether every bracket and quotation mark opened in a sentence is closed in it."""
    low = sentence.count("„")  # closed by what opens elsewhere: „so“
    high, closing = sentence.count("“"), sentence.count("”")
    quoted = low == high + closing if low else high == closing
    pairs = all(sentence.count(opening) == sentence.count(end) for opening, end in _PAIRS)
    return quoted and pairs and sentence.count('"') % 2 == 0


def at_most(sentences: list[str], characters: int) -> str:
    """The whole sentences that fit in `characters`; the first is cut at a word if necessary."""
    return whole(sentences, characters) or cut(" ".join(sentences[:1]), characters)


def whole(sentences: list[str], characters: int) -> str:
    """The whole sentences that fit in `characters`; empty if the first one is longer.

    A quotation that is cut off is closed.
    """
    if len(text := joined(sentences)) <= characters:
        return text
    kept = text = ""
    for sentence in sentences:
        text = joined(filter(None, (text, sentence)))
        closed = f"{text}{_closing_mark(text)}"
        if len(closed) > characters:
            break
        kept = closed
    return kept


def cut(words: str, characters: int) -> str:
    """`words`, cut after a word to at most `characters`; a quotation that is cut off is closed."""
    if len(words) <= characters:
        return words
    kept = _to_a_word(words, characters - 1)
    if not _closing_mark(kept):
        return f"{kept}…"
    kept = _to_a_word(words, characters - 2)
    return f"{kept}…{_closing_mark(kept)}"


def _to_a_word(words: str, characters: int) -> str:
    return words[:characters].rsplit(" ", 1)[0].rstrip(" ,;:–-")


def _closing_mark(words: str) -> str:
    """The mark that closes the quotation left open in `words`; empty if none is open."""
    if words.count("„") > words.count("“"):
        return "“"
    if words.count("“") > words.count("”") and "„" not in words:
        return "”"
    return "»" if words.count("«") > words.count("»") else ""
