"""Checks the form of a sentence: complete, in words, and not the title or an instruction."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.summaries.claims.terms import terms
from app.text.language_words import alternatives
from app.text.sentences import CLOSING_MARKS, end_pattern
from app.text.words import count_words

MIN_WORDS, MIN_WORDS_OF_AN_ANSWER = 4, 2
# Placeholders of models and programs.
_PLACEHOLDER = re.compile(
    r"[$#%]\{|\{\{|\}\}|\{\w{0,20}\}|<(?:title|text|name|summary|string|insert|your)\b[^>]*>|\[(?:insert|your|name|title|date|topic)\b[^\]]*\]"
    r"|\blorem ipsum\b|^\W*(?:string|null|undefined|none|nan|n/?a|todo|tbd|ping|pong|test|text"
    r"|example|placeholder|summary|answer|key[_ ]points?|sentence|content|output|ok|yes|no)\W*$"
    r"|\b(?:key_points|comment_ids|json object|json schema)\b|\\[nu]\b|�",
    re.IGNORECASE,
)
# Addressed to the author of the prompt, not about the story.
_ADDRESS = re.compile(
    r"^\W*(?:sure|certainly|of course|here (?:is|are)|here's|below (?:is|are)|as requested|i hope"
    r"|let me know|i(?:'ve| have) (?:summari[sz]ed|written)|the (?:user|prompt|instructions?)"
    r"|as an ai|i am an ai|note that this summary|this (?:is a|summary)|the summary|in summary,?$"
    r"|summary:|answer:|title:|please (?:provide|note|let)"
    rf"|{alternatives('claims.address')})\b",
    re.IGNORECASE,
)
# "I" and "we" of a summary would be the bot's own; "World War I" is not meant.
_FIRST_PERSON = re.compile(
    r"(?:^\W*|[,;:]\s|\b(?!(?:type|class|part|phase|stage|level|group|grade|book|war|chapter|volume)\s)"
    r"[a-zà-ÿ][\w'’-]*\s)I(?:['’](?:m|ve|d|ll))?(?=\s[a-z])"
    rf"|\b(?:{alternatives('claims.we')})\b"
    rf"|^\W*(?:{alternatives('claims.we_at_the_beginning')})\s[a-zà-ÿ]"
)
# Somebody or something that the sentence before has named.
_POINTS_BACK = re.compile(
    r"[\"“‘(]?(?:he|she|they|his|her|their|them|him|these|those|such|and|but|or|also|then|however"
    r"|moreover|furthermore|therefore|thus|instead|otherwise|besides|meanwhile|yet"
    rf"|(?:each|every) time|{alternatives('claims.points_back')})\b",
    re.IGNORECASE,
)
# The same, or what the title has named.
_POINTS_AT_THE_SUBJECT = re.compile(
    rf"[\"“‘(]?(?:{alternatives('claims.points_at_the_subject')})\b", re.IGNORECASE
)
# "This is Peltry's public report on …": the summary is not the report.
_AS_ITS_SOURCE = re.compile(
    r"^\W*this is (?:\w+ ){0,3}?(?:\w+['’]s?|the|our) (?:[\w-]+ ){0,3}"
    r"(?:report|post|post-?mortem|page|article|announcement|statement|document|account|changelog)\b",
    re.IGNORECASE,
)
_IN_QUOTES = re.compile(r"\"[^\"]*\"|[“„][^”“]*[”“]|«[^»]*»|»[^«]*«")
_END = end_pattern()
_CUT = re.compile(rf"(?:\.\.\.|…)[{CLOSING_MARKS}]*$")
_DANGLING = re.compile(rf"\b(?:{alternatives('claims.dangling')})[.!?]*$", re.IGNORECASE)
_SUBORDINATE = re.compile(rf"^(?:{alternatives('claims.subordinate')})\b[^,;]*$", re.IGNORECASE)
_REPEATED = re.compile(r"\b(\w+)(?:\W+\1\b){3,}|\b(\w+\W+\w+)(?:\W+\2\b){2,}", re.IGNORECASE)
_OPEN_CLOSE = (("(", ")"), ("[", "]"), ("“", "”"), ("«", "»"))
_WORD = re.compile(r"\w+")
# "The passages do not say how much it costs."
_ADMISSION = re.compile(
    rf"\b(?:{alternatives('claims.sources')})\b.{{0,60}}?\b(?:{alternatives('claims.source_says_nothing')})\b"
    rf"|\b(?:{alternatives('claims.nothing_in')})\b.{{0,40}}?\b(?:{alternatives('claims.sources_of_nothing')})\b",
    re.IGNORECASE,
)
# Of two sentences that share more of their terms, the second adds nothing.
MAX_SHARED = 0.8
# This many consecutive words of the instructions that are not in the source are an echo.
ECHOED_WORDS = 7


def find_flaw(
    sentence: str, source: str, names: Collection[str] = (), *, answers: bool = False
) -> str | None:
    """The reason why a text is not a sentence that can be shown; None if it is one.

    It may begin with one of the folded `names`; one that `answers` a question may be as short as
    "About 30,000."
    """
    sentence = sentence.strip()
    if _PLACEHOLDER.search(sentence):
        return "placeholder"
    if _ADDRESS.search(sentence) or _AS_ITS_SOURCE.search(sentence):
        return "address"
    if _FIRST_PERSON.search(_IN_QUOTES.sub(",", sentence)):
        return "first person"
    letters = sum(map(str.isalpha, sentence))
    if letters < (0.3 if answers else 0.5) * len(sentence.replace(" ", "")):
        return "no words"
    min_words = MIN_WORDS_OF_AN_ANSWER if answers else MIN_WORDS
    if count_words(sentence) < min_words or _REPEATED.search(sentence):
        return "fragment"
    incomplete = (
        not _END.search(sentence)
        or _CUT.search(sentence)
        or _DANGLING.search(sentence)
        or _SUBORDINATE.search(sentence)
        or not _begins(sentence, source, names)
        or any(sentence.count(one) != sentence.count(other) for one, other in _OPEN_CLOSE)
        or sentence.count('"') % 2
    )
    return "half a sentence" if incomplete else None


def _begins(sentence: str, source: str, names: Collection[str]) -> bool:
    """A capital, a digit or a quotation mark; or a name in the source's spelling ("libfold")."""
    first = sentence.lstrip("\"'“‘«»„([-–—*• ")
    if not first or not first[0].islower():
        return bool(first)
    word = re.match(r"[\w.-]*\w", first)
    if word is None:
        return False
    if {word[0], word[0].removesuffix("s")} & set(names):
        return True
    return (
        any(map(str.isupper, word[0]))
        or bool(re.search(r"[\d_.]", word[0]))
        or (
            # Such a name is not capitalised at the beginning of a sentence.
            word[0].title() not in source
            and f"{word[0]}" in source
            and not is_ordinary_word(word[0])
        )
    )


def is_ordinary_word(word: str) -> bool:
    """Whether a word is an ordinary English one."""
    found = terms(f"x {word}", "en")
    return not found or any(one.meanings for one in found)


def states_an_absence(sentence: str) -> bool:
    """Whether a sentence only states that the source does not state something."""
    return _ADMISSION.search(sentence) is not None and not re.search(r"[\d\"“«]", sentence)


def repeats_title(sentence: str, title: str, language: str) -> bool:
    """Whether a sentence adds nothing to the title."""
    own = {one.stem for one in terms(sentence, language)}
    titled = {one.stem for one in terms(title, language)}
    if not own or not titled:
        return False
    return len(own - titled) <= 0.1 * len(own) and len(own & titled) >= 0.6 * len(titled)


def repeats_sentence(sentence: str, kept: Collection[str], language: str) -> bool:
    """Whether a sentence repeats an earlier one."""
    own = _content(sentence, language)
    for other in kept:
        theirs = _content(other, language)
        smaller = min(len(own), len(theirs))
        if smaller and len(own & theirs) >= MAX_SHARED * max(
            smaller, 0.75 * max(len(own), len(theirs))
        ):
            return True
    return False


def _content(sentence: str, language: str) -> set[str]:
    numbers = {one for one in _WORD.findall(sentence) if one[0].isdigit()}
    return {one.stem for one in terms(sentence, language)} | numbers


def refers_back(sentence: str, *, follows: bool | None) -> bool:
    """Whether a sentence is about something that only a sentence that is not shown has named.

    `follows` is whether the sentence before it is shown; None if there is none.
    """
    if follows:
        return False
    at_the_subject = follows is False and _POINTS_AT_THE_SUBJECT.match(sentence) is not None
    return at_the_subject or _POINTS_BACK.match(sentence) is not None


def repeats_instructions(sentence: str, instructions: str, source: str) -> bool:
    """Whether a sentence repeats the model's instructions."""
    own = [one.lower() for one in _WORD.findall(sentence)]
    told, said = (f" {' '.join(_WORD.findall(one.lower()))} " for one in (instructions, source))
    for place in range(len(own) - ECHOED_WORDS + 1):
        words = f" {' '.join(own[place : place + ECHOED_WORDS])} "
        if words in told and words not in said:
            return True
    return False
