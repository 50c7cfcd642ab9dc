"""Texts of 4,096 characters that are meant to cost much computing time."""

from __future__ import annotations

from itertools import cycle, islice

LENGTH = 4096


def _filled(pattern: str) -> str:
    """The pattern, again and again."""
    return "".join(islice(cycle(pattern), LENGTH))


def _begun(beginning: str, pattern: str, end: str = "") -> str:
    return beginning + _filled(pattern)[: LENGTH - len(beginning) - len(end)] + end


# A pattern that backtracks does so on a long run that almost matches, and fails at its end.
TEXTS: dict[str, str] = {
    "commas": _filled("a,"),
    "distinct names": ",".join(f"{n:x}" for n in range(2000))[:LENGTH],
    "places": _filled("Portland, Maine, "),
    "misspelled places": _filled("Sann Fransiscoo, Berlinn, "),
    "one letter": _filled("s"),
    "digits": _filled("9"),
    "blanks": _begun("1", " ", "x"),
    "tabs": _begun("7", "\t", "x"),
    "line ends": _begun("8", "\n", "x"),
    "wide blanks": _begun("8", "\u2003", "x"),
    "dashes": _begun("mon ", "- "),
    "days": _filled("mon to fri, "),
    "dots": _begun("https://www.", "a."),
    "dots and digits": _filled("1."),
    "slashes": _begun("example.com", "/"),
    "address": _begun("https://news.ycombinator.com/item?id=1", "1"),
    "plus signs": _filled("c++"),
    "apostrophes": _filled("a's "),
    "letters that become many": _filled("\ufdfa"),
    "accents": _begun("e", "\u0301"),
    "emoji": _filled("👍🏽"),
    "right to left": _filled("\u202eא "),
    "quotation marks": _filled('"a" or -'),
    "markup": _filled("<b>&lt;"),
    "alerts turned off": ",".join(f"🔕{n:x}|{n:x}a|{n:x}b" for n in range(2000))[:LENGTH],
    "alternatives": _filled("1a or 1b o "),
    "zero bytes": _filled("a\0"),
}
