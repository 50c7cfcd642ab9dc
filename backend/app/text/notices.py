"""Finds where a text says of itself that it does not hold: that it was retracted or is wrong, that
it is satire, fiction or paid for, or that a machine wrote it. The words of the languages are in
`app/text/languages`, under `notices`.

A word alone ("update", "satire") is no notice. The text must speak of itself ("this article has
been retracted"), or a label begin the sentence ("Update: this turned out to be wrong"). A
correction of an earlier version is none, because the text that is read is corrected.
"""

from __future__ import annotations

import re

from app.text.language_words import alternatives, by_language
from app.text.sentences import split

# A label may be followed by a sentence before the one that takes the text back.
MAX_SENTENCES = 2
MAX_TITLE = 300  # characters

_ITSELF = by_language("notices.itself")
_PATTERNS = (
    line.replace("{itself}", f"(?:{_ITSELF[language]})")
    for language, lines in by_language("notices.says").items()
    for line in lines.strip("\n").split("\n")
)
_SAYS = re.compile(
    rf"(?<!\w)(?:{'|'.join(_PATTERNS)})(?!\w)|{alternatives('notices.says_anywhere')}",
    re.IGNORECASE,
)
# "Update (2 May):", "EDIT 2:", "Correction."
_CORRECTION = alternatives("notices.corrections")
_LABELS = rf"(?P<correction>{_CORRECTION})|(?:{alternatives('notices.updates')})"
_DATED = r",?(?:\s*[(\[][^)\]]{0,40}[)\]]|\s+(?-i:[\d#A-ZÀ-Þ])[\w ,./]{0,25})?"
_LABEL = re.compile(rf"^\W{{0,4}}(?:{_LABELS}){_DATED}\s*[:：.—–]", re.IGNORECASE)
_HAS_LABEL = re.compile(rf"(?<!\w)(?:{_LABELS}){_DATED}\s*[:：.—–]", re.IGNORECASE)
_WRONG = re.compile(
    rf"(?<!\w)(?:{alternatives('notices.wrong')})(?!\w)|{alternatives('notices.wrong_anywhere')}",
    re.IGNORECASE,
)
_EARLIER = re.compile(alternatives("notices.earlier"), re.IGNORECASE)
_TITLE = re.compile(rf"^\W*(?:{alternatives('notices.titles')})\s?[\]):：–—-]\W*\w", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]{1,300}\"|“[^”]{1,300}”|«[^»]{1,300}»|„[^“”]{1,300}[“”]")


def may_have_notice(text: str) -> bool:
    """Whether it is worth looking for a notice in the parts of a text; fast."""
    return bool(_SAYS.search(text) or _HAS_LABEL.search(text))


def notice_of(text: str) -> str:
    """The first sentences in which a text says of itself that it does not hold; empty for none."""
    for line in text.split("\n"):
        if not may_have_notice(line):
            continue
        sentences = split(line)
        for number in range(len(sentences)):
            if found := _notice(sentences[number : number + MAX_SENTENCES]):
                return found
    return ""


def is_retracted_title(title: str) -> bool:
    """Whether a title is marked: "RETRACTED: …"."""
    return _TITLE.match(title[:MAX_TITLE]) is not None


def _notice(sentences: list[str]) -> str:
    said = _QUOTED.sub(" ", sentences[0])
    if _SAYS.search(said):
        return sentences[0]
    label = _LABEL.match(said)
    if label is None:
        return ""
    for number in range(1, len(sentences) + 1):
        words = " ".join(sentences[:number])
        if _EARLIER.search(words):
            return ""
        is_told = len(words) > label.end() + 1
        if is_told and (label["correction"] or _WRONG.search(words[label.end() :])):
            return words
    return ""
