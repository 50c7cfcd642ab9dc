"""Selects what to quote from a comment, where no model summarises the discussion."""

from __future__ import annotations

import re

from app.summaries.references import definite_noun, refers_back
from app.summaries.source_filter import SourceFilter
from app.text.html import plain_text
from app.text.sentences import at_most, is_balanced, split

MIN_WORDS = 8
# A shorter sentence may introduce the subject of the next one: "The letters to my choir."
MIN_SUBJECT_WORDS = 4
_WHO = re.compile(
    r"^(?:the )?(?:author|maintainer|developer|founder|co-author) here\b", re.IGNORECASE
)
_LIST_MARK = re.compile(r"^\s*(?:[-*•–—]|\(?\d{1,2}[.):])\s+")
_INTRODUCTIONS = (":", ":-", "->")
# Addressed to the parent's author, or about other comments: out of context without them.
_ADDRESSED = re.compile(
    r"^(?:you(?:['’](?:re|ve|d|ll))? (?:don['’]t|do|didn['’]t|deserve|might|may|should|could|would"
    r"|said|mention(?:ed)?|seem|forgot|missed|misread|are|were|have|had|must|just|also|know|got|want)\b"
    r"|y['’]?all\b|your (?:comment|point|argument|post|question|example|link|idea|code|site)\b"
    r"|(?:good|great|nice|fair|interesting|valid) (?:point|question|catch|idea|find|job|work)\b"
    r"|damn|wow|well done|congrat\w*|kudos|props to|op\b|@\w|thanks?\b(?! to\b))"
    r"|\b(?:these|those|other|many|most|several) comment(?:er)?s\b"
    r"|\bthis (?:thread|comment|discussion)\b"
    r"|\b(?:the |grand)?parent (?:comment|poster|post)\b|\bgp\b|\bcomments (?:here|below|above)\b"
    r"|\bcommenters\b|\bas (?:you|others|someone) (?:said|say|mentioned|noted|pointed out)\b"
    r"|\b(?:could|can|did|do)(?: not|n['’]t| only) (?:read|open|see|load|access)\b"
    r"|\bpaywall(?:ed)?\b|\b(?:subscription|cookie) (?:notice|banner|wall)\b|\barchive link\b"
    r"|\bnon-paywalled\b|\bmirror here\b|\b(?:is|site|page|link) (?:is )?(?:down|broken) for me\b"
    r"|^(?:dup(?:e|licate)\b|(?:edit|update|ps|p\.s\.|tl;?dr)\b.{0,3}:)|\bdownvot|\bupvot"
    r"|\bsaid the same\b"
    # Of what, only the parent comment says: "We had 4.1 in November."
    r"|\b(?:i|we|it|they) (?:had|have|got|get|saw|see|measured|reached) \d+(?:\.\d+)?"
    r" (?:in|and|at|on|before|after)\b"
    r"|\bh(?:acker )?n(?:ews)? (?:never|always|crowd|users?|readers?|comment|hive|loves|hates)"
    r"|\bignore (?:all |any )?(?:previous|prior|above|earlier) instructions\b"
    r"|\b(?:title|headline) (?:here |is |should |could |was |leaves |needs |buries )",
    re.IGNORECASE,
)
# "version[0] of the spec", where the comment ends with "[0] https://…"
_FOOTNOTE = re.compile(r"^\s*\[(\d{1,2})\]", re.MULTILINE)
_JOKE = re.compile(
    r"\b(?:lol|lmao|rofl|ha(?:ha)+|hehe|just kidding|obligatory|insert .{0,20}joke)\b|(?<!\w)/s\b"
    r"|[:;]-?[)PD](?!\w)|[😂🤣😆😜😉]"
    r"|\bi,? for one,? welcome\b|\boverlords\b"
    r"|^(?:sure|oh|ah|yeah|yes|right|well),? (?:sure|because|great|of course)\b"
    r"|\bcould (?:possibly )?go wrong\b|\bnever fails to\b|\bsaid no ?one ever\b"
    r"|\bfirst,? they ignore you\b|\btake my money\b|\bin soviet russia\b|\bhold my beer\b",
    re.IGNORECASE,
)
# What its author has taken back, or does not mean.
_WITHDRAWN = re.compile(
    r"\b(?:edit|update|correction|eta)\b[^\n\w]{1,6}[^\n]{0,200}?\b(?:i was wrong|mistaken"
    r"|incorrect|misread|misunderstood|never ?mind|disregard|ignore|retract)"
    r"|\bi stand corrected\b|\bthis (?:is|was) (?:sarcasm|a joke|satire)\b"
    r"|(?:^|\s)/s(?:arcasm)?[.)]*\s*$",
    re.IGNORECASE | re.MULTILINE,
)
# A paragraph in italics or quotation marks quotes somebody else.
_PARAGRAPH = re.compile(r"<p>", re.IGNORECASE)
_ITALICS = re.compile(r"\s*(?:<p>)?\s*<i>.*</i>\W*(?:</p>)?\s*", re.IGNORECASE | re.DOTALL)
_QUOTATION = re.compile(
    r"^\s*(?:\"[^\"]{1,2000}\"|“[^”]{1,2000}”|«[^»]{1,2000}»|„[^“”]{1,2000}[“”])"
)
_INSIDE = re.compile(r"\"[^\"]{1,500}\"|“[^”]{1,500}”|«[^»]{1,500}»")
# This many words in quotation marks are a title or a term; more are a quoted sentence.
MAX_TERM_WORDS = 4


def quote(markup: str, characters: int) -> str:
    """The first self-contained sentences of a comment.

    Nothing is omitted between the first and the last one, and quotations by the commenter are not
    included.

    Args:
        markup: the comment in Hacker News' own HTML.
        characters: the most characters.

    Returns:
        Plain text; empty if there is nothing to quote.
    """
    own = (one for one in _PARAGRAPH.split(markup) if not _ITALICS.fullmatch(one))
    text = _without_footnotes(plain_text("<p>".join(own)))
    if _WITHDRAWN.search(text):
        return ""
    lines = [_without_quotation(line) for line in text.split("\n")]
    lines = [line for line in lines if not line.lstrip().startswith(">")]
    faithful = SourceFilter("\n".join(lines), contacts="")
    for line in lines:
        sentences = split(_LIST_MARK.sub("", line))
        telling = _telling(sentences, faithful)
        # A sentence that is too long is not cut: half of it may say the opposite.
        if telling and len(telling[0]) <= characters:
            return at_most(telling, characters)
    return ""


def _without_footnotes(text: str) -> str:
    for number in set(_FOOTNOTE.findall(text)):
        text = re.sub(rf"(?<=\S) ?\[{number}\]", "", text)
    return text


def _without_quotation(line: str) -> str:
    """A line without the quotation that it begins with, and the rest of that sentence."""
    quotation = _QUOTATION.match(line)
    if quotation is None or len(quotation[0].split()) <= MAX_TERM_WORDS:
        return line
    rest = line[quotation.end() :].lstrip(" .,;:–—-")
    if not rest or rest[0].isupper():
        return rest
    return " ".join(split(rest)[1:])


def _telling(sentences: list[str], faithful: SourceFilter) -> list[str]:
    """From the first sentence with more content than “Pretty bold.” up to the next question,
    address or “for two reasons:”.
    """
    telling: list[str] = []
    left_out: list[str] = []
    before = ""
    for sentence in sentences:
        foreign = _is_foreign(sentence, faithful)
        if telling and foreign:
            break
        introduced = refers_to_omitted(sentence, left_out)
        if telling or (not foreign and not introduced and _stands_alone(sentence)):
            telling += [before, sentence] if not telling and _names_subject(before) else [sentence]
        elif not foreign and _is_telling(sentence) and _opens(before):
            telling = [before, sentence]
        before = "" if foreign else sentence
        left_out += [before]
    return telling


def _is_foreign(sentence: str, faithful: SourceFilter) -> bool:
    """Whether a sentence must not be quoted in any position."""
    return bool(
        sentence.endswith(_INTRODUCTIONS)
        or sentence.rstrip('"”’»)').endswith("?")
        or not faithful.allows(sentence)
        or _JOKE.search(sentence)
        or _ADDRESSED.search(sentence)
        or not is_balanced(sentence)
        or any(len(one.split()) > MAX_TERM_WORDS for one in _INSIDE.findall(sentence))
    )


def _stands_alone(sentence: str) -> bool:
    return _is_telling(sentence) and not refers_back(sentence)


def _is_telling(sentence: str) -> bool:
    return len(sentence.split()) >= MIN_WORDS


def _opens(sentence: str) -> bool:
    """Whether a short sentence introduces what the next one refers to."""
    return bool(sentence) and not refers_back(sentence) and _WHO.match(sentence) is None


def refers_to_omitted(sentence: str, left_out: list[str]) -> bool:
    """Whether a sentence begins with something that an omitted one has introduced."""
    noun = definite_noun(sentence)
    return bool(noun) and any(noun in other.lower() for other in left_out)


def _names_subject(sentence: str) -> bool:
    subject = len(sentence.split()) >= MIN_SUBJECT_WORDS and _opens(sentence)
    return subject or _WHO.match(sentence) is not None
