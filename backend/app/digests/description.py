"""The content of a digest, independent of its look: typed blocks that every look renders.

All texts are plain and untrusted; the renderer escapes and shortens them. The product's own texts
are keys of the wording catalogue.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.digests.addresses import page_url
from app.digests.candidates import REMEMBERED_STORIES, Candidate, Discussion, Summary
from app.digests.sections import DigestSection
from app.digests.select import INTEREST, SelectedStory
from app.summaries.store import TEXT_GONE, TOO_SHORT
from app.text.phrases import words_of

PERSONALISED = "personalised"
WORDS_A_MINUTE = 230
# What an interest adds to a story's score where one can say that the story is about it: a word that
# only hints at it adds less, and so does one mention of a word that often means something else.
MIN_FOR_YOU = 1.3


@dataclass(frozen=True, slots=True)
class DiscussionLine:
    """A discussion in one line; `comment_id` is the quoted comment, if the line is a quotation."""

    text: str
    comment_id: int | None
    is_excerpt: bool


@dataclass(frozen=True, slots=True, eq=False)
class StoryBlock:
    """A story as some readers receive it, the same object for all of them.

    Attributes:
        discussion_id: the story on whose page it is discussed, which may be another one.
        page: the address of its page.
        minutes: the time to read its page; None if unknown.
        sentences: the summary, or an excerpt.
        marks: keys of the texts that say how the sentences were made.
        unread: why the page was not read, a reason code; None if it was read or there is none.
        interests: the reader's interests that chose it, the strongest first.
        lines: alternatives for the discussion in one line, the best one first.
        key_points: in some styles, those about the reader's interests come first.
        points_of_interest: the number of key points about the reader's interests.
        picture: the https address of its page's picture; None if there is none.
    """

    id: int
    discussion_id: int
    title: str
    page_url: str
    site: str | None
    points: int
    comment_count: int
    minutes: int | None
    sentences: str
    marks: tuple[str, ...]
    unread: str | None
    interests: tuple[str, ...]
    lines: tuple[DiscussionLine, ...]
    key_points: tuple[str, ...]
    points_of_interest: int
    discussion: Discussion | None
    picture: str | None


@dataclass(frozen=True, slots=True)
class SectionBlock:
    """Stories under one heading, the text `subject.<subject>`; None: no heading."""

    subject: str | None
    stories: tuple[StoryBlock, ...]


@dataclass(frozen=True, slots=True)
class DigestDescription:
    """A digest; `kind` is daily, weekly, asked or alert, `notice` a message from the operator."""

    kind: str
    day: date
    language: str
    lede: str | None  # two sentences about the day, the same for everybody
    sections: tuple[SectionBlock, ...]
    notice: str = ""
    untranslated: bool = False  # whether summaries are still to be translated


def minutes_to_read(candidate: Candidate) -> int | None:
    """The time to read the page; None if it was not read completely."""
    if not candidate.article_words or candidate.is_partial:
        return None
    return max(1, round(candidate.article_words / WORDS_A_MINUTE))


def describe_digest(
    kind: str,
    day: date,
    sections: Sequence[DigestSection],
    style: str,
    language: str,
    notice: str = "",
    lede: str | None = None,
    *,
    reads: str | None = None,
    translated: Collection[str] = (),
) -> DigestDescription:
    """Describe the stories of the sections; summaries are in the language `reads`,
    by default that of everything else. `translated` are the languages into which they are
    translated.
    """
    reads = reads or language
    described = tuple(
        SectionBlock(
            section.subject,
            tuple(describe_story(choice, style, reads=reads) for choice in section.choices),
        )
        for section in sections
    )
    untranslated = reads in translated and any(
        choice.candidate.is_untranslated(style, reads)
        for section in sections
        for choice in section.choices
    )
    return DigestDescription(kind, day, language, lede, described, notice, untranslated)


def describe_story(choice: SelectedStory, style: str, *, reads: str) -> StoryBlock:
    """A story in a style and language; the terms of `choice` are empty outside a digest."""
    return _described(choice.candidate, _interests(choice), style, reads)


# Most readers of a round get the same few dozen stories, for the same reasons.
@lru_cache(REMEMBERED_STORIES)
def _described(
    candidate: Candidate, interests: tuple[str, ...], style: str, reads: str
) -> StoryBlock:
    summary = candidate.summary(style, reads)
    discussion = candidate.discussion_in(reads)
    key_points: Sequence[str] = summary.key_points if summary else ()
    touching = _about_interests(summary, interests) if summary and style == PERSONALISED else []
    return StoryBlock(
        id=candidate.id,
        discussion_id=candidate.discussion_id,
        title=candidate.title,
        page_url=page_url(candidate),
        site=candidate.site,
        points=candidate.points,
        comment_count=candidate.comment_count,
        minutes=minutes_to_read(candidate),
        sentences=summary.sentences if summary else "",
        marks=_marks(candidate, summary) if summary else (),
        unread=unread_reason(candidate, summary) if summary else None,
        interests=interests,
        lines=_lines(discussion),
        key_points=(*touching, *(point for point in key_points if point not in touching)),
        points_of_interest=len(touching),
        discussion=discussion,
        picture=candidate.picture,
    )


def unread_reason(candidate: Candidate, summary: Summary) -> str | None:
    """Why the page was not read, a reason code; None if it was read, if there is none, or until the
    first attempt has ended.
    """
    reason = candidate.article_reason
    if reason is None and not summary.sentences:
        # Other reasons are failures of the model, not of the page.
        told = summary.reason in (TOO_SHORT, TEXT_GONE)
        reason = summary.reason if told else "no_sentences"
    is_settled = candidate.url and summary.basis != "article" and not candidate.being_read
    return reason if is_settled else None


def _marks(candidate: Candidate, summary: Summary) -> tuple[str, ...]:
    if not summary.sentences:
        return ()
    marks = []
    if summary.extractive:
        marks.append("digest.extractive")
    elif summary.basis == "discussion":
        marks.append("digest.from_comments")
    if candidate.is_partial and summary.basis == "article":
        marks.append("digest.partial")
    return tuple(marks)


def _interests(choice: SelectedStory) -> tuple[str, ...]:
    """The reader's interests that chose the story, the strongest first."""
    named = [
        (value, name.partition(":")[2])
        for name, value in choice.terms.items()
        if value >= MIN_FOR_YOU and name.startswith(f"{INTEREST}:")
    ]
    return tuple(phrase for _, phrase in sorted(named, key=lambda one: -one[0]))


def _about_interests(summary: Summary, phrases: Sequence[str]) -> list[str]:
    """The key points about the interests that chose the story."""
    pairs = zip(summary.key_points, summary.points_to_match, strict=True)
    found = ((point, words_of([matched])) for point, matched in pairs)
    return [point for point, words in found if any(map(words.speak_of, phrases))]


def _lines(discussion: Discussion | None) -> tuple[DiscussionLine, ...]:
    if discussion is None or not discussion.line:
        return ()
    quoted = tuple(
        DiscussionLine(voice.text, voice.comment_ids[0], is_excerpt=True)
        for voice in discussion.voices
        if voice.comment_ids
    )
    return quoted or (DiscussionLine(discussion.line, None, discussion.extractive),)
