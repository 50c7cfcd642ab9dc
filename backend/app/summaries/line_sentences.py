"""The sentences of a page's lines, without prefixes that belong to its layout."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from app.text.language_words import alternatives
from app.text.sentences import split

# "14:32 CET — ", "3.15 pm: "
_TIME = re.compile(
    r"^\d{1,2}[:.h]\d{2}(?:\s?[ap]\.?m\.?)?"
    rf"(?:\s(?:[A-Z]{{2,5}}|{alternatives('excerpts.clock')}))?\s*[—–:|-]\s*",
    re.IGNORECASE,
)
# "AUSTIN, Texas (AP) — "
_DATELINE = re.compile(
    r"^[A-ZÀ-Þ][A-ZÀ-Þ.'’ -]{2,30}(?:,\s[A-ZÀ-Þ][\w. ]{2,20})?(?:\s?\([A-Z][\w/ ]{1,20}\))?"
    r"\s[—–-]{1,2}\s"
)
# "Feb. 23, 2015 -- ", "23 February 2015 – "
_DATE = re.compile(
    r"^(?:[A-Z][a-z]{2,8}\.?\s\d{1,2},?|\d{1,2}\.?\s[A-Z][a-z]{2,8}\.?)\s(?:19|20)\d\d"
    r"\s?[—–:-]{1,2}\s"
)
# "Moorburg (dpa) – "
_AGENCY = re.compile(
    r"^[A-ZÀ-Þ][\w.'’/ -]{1,30}\s?\([A-Za-z]{2,12}(?:/[A-Za-z]{2,12})?\)\s[—–-]{1,2}\s"
)
# "Hey HN, ", "Dear readers! "
_GREETING = re.compile(
    r"^(?:hi|hey|hello|dear|good (?:morning|afternoon|evening))(?:\s[\w’'-]+){0,3}\s?[,!.:–—-]+\s+",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:abstract|summary|synopsis)\s?[:.—–-]\s+", re.IGNORECASE)
# Pronunciations of names: "(/maɪˈjɑːr/ my-YAR; French: [majaʁ])"
_PRONUNCIATION = re.compile(r"\s?\([^()]{0,120}[ˈˌːəɪʊɔɑɛɜʌɹʁɡʃʒθŋ][^()]{0,120}\)")
SPEAKER = re.compile(r"^([A-ZÀ-Þ][\w.'’-]*(?:\s[A-ZÀ-Þ][\w.'’-]*){0,2}):\s+(?=\S)")
# This many lines of two speakers are a conversation.
MIN_SPOKEN = 3


def sentences_by_line(text: str) -> Iterator[tuple[int, str]]:
    """The sentences of a text, each with the number of its line.

    Of a conversation, only the first sentence of an answer, with the speaker's name: the following
    ones do not show who speaks, and questions state nothing.
    """
    lines = [_bare(line.strip()) for line in _PRONUNCIATION.sub("", text).split("\n")]
    speakers = Counter(found[1] for line in lines if (found := SPEAKER.match(line)))
    spoken = len(speakers) > 1 and speakers.total() >= MIN_SPOKEN
    for number, line in enumerate(lines):
        speaker = SPEAKER.match(line) if spoken else None
        if speaker is None:
            yield from ((number, one) for one in split(line))
        elif answers := [one for one in split(line[speaker.end() :]) if not one.endswith("?")]:
            yield number, f"{speaker[1]}: {answers[0]}"


def _bare(line: str) -> str:
    for beginning in _TIME, _DATE, _DATELINE, _AGENCY, _GREETING, _LABEL:
        line = beginning.sub("", line)
    return line
