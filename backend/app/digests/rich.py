"""The rich look: a digest as one message of typed blocks, each story to be opened in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count

from app.digests.addresses import hn_link
from app.digests.candidates import REMEMBERED_STORIES, DiscussionPoint
from app.digests.compose import MAX_LEDE
from app.digests.description import DigestDescription, StoryBlock
from app.digests.parts import (
    MAX_INTERESTS_TOLD,
    MAX_LINKS,
    MAX_PHRASE,
    MAX_POINT,
    MAX_TITLE,
    line_of_discussion,
    text_of_reason,
)
from app.digests.rich_blocks import (
    Block,
    RichMessage,
    RichText,
    bold,
    bullets,
    buttons,
    details,
    fits,
    footer,
    heading,
    italic,
    linked,
    message,
    moment,
    paragraph,
    photo,
    quotation,
    table,
    words_of_html,
)
from app.readers.interests.topics import interest_name
from app.settings import MAX_NOTICE
from app.text.sentences import split
from app.text.telegram_html import single_line, whole_sentences
from app.wording import Html, text
from app.wording.dates import day_name
from app.wording.locales import number

CLASSIC, RICH = LOOKS = ("classic", "rich")
MAX_FIRST = 200
# Telegram loads each picture before it accepts the message, and accepts 50 at most.
MAX_PICTURES = 10


@dataclass(frozen=True, slots=True)
class _RichDetail:
    """How many characters of a summary, and how many points of each kind, a story may have."""

    sentences: int
    points: int


_DETAILS = (_RichDetail(1500, 5), _RichDetail(700, 3), _RichDetail(400, 0))


def compose_rich(digest: DigestDescription, *, pictures: bool = False) -> RichMessage | None:
    """The message of a digest, as full as it fits, with the pictures of its pages if wanted; None
    if it does not fit at all.
    """
    shown = set(_pictured(digest)[:MAX_PICTURES]) if pictures else set()
    for detail in _DETAILS:
        blocks = list(_blocks(digest, detail, shown))
        if fits(blocks):
            return message(blocks)
    return None


def _pictured(digest: DigestDescription) -> list[int]:
    """The stories whose pages have a picture; one that several share is that of their site."""
    stories = [story for section in digest.sections for story in section.stories]
    often = Counter(story.picture for story in stories)
    return [story.id for story in stories if story.picture and often[story.picture] == 1]


def _blocks(
    digest: DigestDescription, detail: _RichDetail, pictured: Collection[int]
) -> Iterator[Block]:
    language = digest.language
    numbers = count(1)
    day = day_name(digest.day, language)
    yield heading(_text(f"digest.heading_{digest.kind}", language, day=day), 2)
    if digest.notice:
        yield paragraph(italic(single_line(digest.notice, MAX_NOTICE)))
    if digest.untranslated:
        yield paragraph(italic(_text("digest.untranslated", language)))
    if digest.lede:
        yield paragraph(single_line(digest.lede, MAX_LEDE))
    for section in digest.sections:
        if section.subject is not None:
            yield heading(_text(f"subject.{section.subject}", language), 4)
        for story in section.stories:
            inside = [*_inside(story, language, detail)]
            if story.picture and story.id in pictured:
                inside.insert(0, photo(story.picture))
            yield details(_summary(next(numbers), story, language), inside)
    yield footer(_text("look.footer", language))


def _summary(position: int, story: StoryBlock, language: str) -> RichText:
    """The visible part of a collapsed story: number, title, points and one sentence."""
    first, _ = _opening(story)
    points = text("digest.points", language, count=story.points)
    told: list[RichText] = [f" · {points}", f"\n{first}" if first else ""]
    if marks := _marks(story, language):
        told.append(italic(f" {marks}"))
    return [bold(f"{position}. {_title(story)}"), *told]


def _marks(story: StoryBlock, language: str) -> str:
    """What qualifies the summary, such as that it is an excerpt."""
    return " ".join(_text(mark, language) for mark in story.marks)


def _title(story: StoryBlock) -> str:
    return single_line(story.title, MAX_TITLE) or f"#{story.id}"


def _opening(story: StoryBlock) -> tuple[str, str]:
    """The sentence in the summary of the block, and the sentences inside the block: all of them if
    the first one is shortened.
    """
    sentences = split(story.sentences)
    first = next(iter(sentences), "")
    whole = len(first) <= MAX_FIRST
    return single_line(first, MAX_FIRST), " ".join(sentences[1:] if whole else sentences)


# The messages of several readers share the blocks; nothing changes them.
@lru_cache(REMEMBERED_STORIES)
def _inside(story: StoryBlock, language: str, detail: _RichDetail) -> tuple[Block, ...]:
    """The part of a collapsed story that is shown when it is opened."""
    return tuple(_story(story, language, detail))


def _story(story: StoryBlock, language: str, detail: _RichDetail) -> Iterator[Block]:
    _, others = _opening(story)
    if others:
        told: list[RichText] = [whole_sentences(others, detail.sentences)]
        if marks := _marks(story, language):
            told.append(italic(f" {marks}"))
        yield paragraph(told)
    site = single_line(story.site, MAX_TITLE) if story.site else ""
    yield paragraph(["🔗 ", linked(site or _title(story), story.page_url)])
    yield _facts(story, language)
    if story.unread:
        reason = Html(text_of_reason(story.unread, language))
        yield paragraph(italic(_text("digest.no_text", language, reason=reason)))
    if story.interests:
        shown = (interest_name(one, language) for one in story.interests[:MAX_INTERESTS_TOLD])
        named = (single_line(one, MAX_PHRASE) for one in shown)
        yield paragraph(italic(_text("digest.for_you", language, interests=", ".join(named))))
    if points := story.key_points[: detail.points]:
        yield paragraph(bold(_text("card.key_points", language)))
        yield bullets([whole_sentences(point, MAX_POINT) for point in points])
    yield from _discussion(story, language, detail)
    yield from _buttons(story, language)


def _facts(story: StoryBlock, language: str) -> Block:
    """Points, comments, which link to the discussion, and reading time of the page, in one row."""
    header = [_text("look.points", language), _text("look.comments", language)]
    comments = linked(number(story.comment_count, language), hn_link(story.discussion_id))
    row: list[RichText] = [number(story.points, language), comments]
    if story.minutes:
        header.append(_text("look.reading", language))
        row.append(_text("look.minutes", language, count=story.minutes))
    return table(header, row)


def _discussion(story: StoryBlock, language: str, detail: _RichDetail) -> Iterator[Block]:
    numbers = count(1)
    if (chosen := line_of_discussion(story, MAX_POINT)) is not None:
        words, line = chosen
        said: list[RichText] = ["💬 ", words]
        if line.comment_id is not None:
            said += [" ", linked(f"[{next(numbers)}]", hn_link(line.comment_id))]
        elif line.is_excerpt:
            said.append(f" {_text('digest.extractive', language)}")
        yield quotation(said)
    if (talk := story.discussion) is not None:
        for key, claims in (
            ("card.agreements", talk.agreements),
            ("card.disagreements", talk.disagreements),
        ):
            if told := claims[: detail.points]:
                yield paragraph(bold(_text(key, language)))
                yield bullets([_claim(claim, numbers) for claim in told])
        if talk.made_at is not None:
            written = f"{talk.made_at:%Y-%m-%d %H:%M} UTC"
            read_at = [f"{_text('look.read_at', language)} ", moment(written, talk.made_at)]
            yield paragraph(italic(read_at))


def _claim(claim: DiscussionPoint, numbers: Iterator[int]) -> RichText:
    """Statements of commenters, with numbered links to the comments that support them."""
    links: list[RichText] = []
    for comment_id in claim.comment_ids[:MAX_LINKS]:
        links += [" ", linked(f"[{next(numbers)}]", hn_link(comment_id))]
    return [whole_sentences(claim.text, MAX_POINT), *links]


def _buttons(story: StoryBlock, language: str) -> Sequence[Block]:
    def row(*keys: tuple[str, str]) -> Block:
        return buttons(
            [(_text(f"card.{key}", language), f"{data}:{story.id}") for key, data in keys]
        )

    return (
        row(("save", "save"), ("like", "like"), ("dislike", "dislike"), ("why", "why")),
        row(("follow", "follow"), ("ask", "ask"), ("share", "share")),
    )


def _text(key: str, language: str, **values: object) -> str:
    return words_of_html(text(key, language, **values))
