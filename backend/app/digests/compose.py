"""The classic look: composes a digest as HTML messages, split between stories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, count, islice

from app.digests.buttons import Button
from app.digests.candidates import REMEMBERED_STORIES
from app.digests.description import DigestDescription, SectionBlock, StoryBlock
from app.digests.parts import (
    discussion_line,
    facts,
    for_you,
    linked_title,
    sentences,
    sentences_without_links,
)
from app.readers.store import Reader
from app.readers.times import describe_next_digest
from app.settings import MAX_NOTICE
from app.text.telegram_html import Size, escaped_line, size, without_links
from app.wording import Html, text
from app.wording.dates import day_name

# Telegram allows 100 buttons below a message, and shows at most eight in a row.
MAX_STORIES = 40
BUTTONS_IN_A_ROW = 5
MAX_LEDE = 400


@dataclass(frozen=True, slots=True)
class Composed:
    """One message: Telegram HTML, and its rows of buttons."""

    html: str
    buttons: tuple[tuple[Button, ...], ...]


_GAP = Size(2, 0)


@dataclass(frozen=True, slots=True)
class _Detail:
    """The most characters of a story's summary and of its discussion line, and the number of
    stories, from the first one, that have such a line.
    """

    sentences: int
    line: int
    lines: int = MAX_STORIES


# From the most detailed to the least; see `compose_digest`.
_DETAILS = (_Detail(700, 240), _Detail(330, 160), _Detail(220, 120), _Detail(120, 120))
# Only for a digest of a usual length that then fits one message.
_WITHOUT_LINES = (_Detail(120, 120, 5), _Detail(120, 120, 0))
MAX_USUAL = 12


def compose_digest(digest: DigestDescription) -> list[Composed]:
    """The messages of a digest: one if it fits, otherwise as few as possible, split between
    stories. Of the details with equally many messages, the fullest one is used.
    """
    fewest: list[Composed] = []
    is_usual = sum(len(section.stories) for section in digest.sections) <= MAX_USUAL
    for detail in (*_DETAILS, *_WITHOUT_LINES) if is_usual else _DETAILS:
        messages = list(_messages(digest, detail))
        if len(messages) == 1:
            return messages
        if not fewest or (detail in _DETAILS and len(messages) < len(fewest)):
            fewest = messages
    return fewest


def compose_whole(digest: DigestDescription) -> str:
    """A digest in full detail as HTML, for output without a message's limits."""
    return "\n\n".join(message.html for message in _messages(digest, _DETAILS[0]))


def _messages(digest: DigestDescription, detail: _Detail) -> Iterator[Composed]:
    blocks, keys = [_head(digest)], list[Button]()
    numbers = count(1)
    taken = size(blocks[0])
    for section in digest.sections:
        is_headed = False
        for story in section.stories:
            number = next(numbers)
            block = _story(number, story, digest.language, detail)
            headed = _under_heading(section, block, digest.language)
            new = block if is_headed else headed
            longer = taken + _GAP + size(new)
            if keys and (not longer.fits or len(keys) == MAX_STORIES):
                yield Composed("\n\n".join(blocks), _in_rows(keys))
                new = headed  # also of a section that continues
                blocks, keys, longer = [], [], size(new)
            blocks.append(new)
            keys.append((str(number), f"story:{story.id}"))
            taken, is_headed = longer, True
    yield Composed("\n\n".join(blocks), _in_rows(keys))


def _under_heading(section: SectionBlock, block: str, language: str) -> str:
    if section.subject is None:
        return block
    return f"<b>{text(f'subject.{section.subject}', language)}</b>\n\n{block}"


def _story(number: int, story: StoryBlock, language: str, detail: _Detail) -> str:
    title, *lines = _lines(story, language, detail, has_line=number <= detail.lines)
    return "\n".join((f"<b>{number}. {title}</b>", *lines))


@lru_cache(REMEMBERED_STORIES)
def _lines(story: StoryBlock, language: str, detail: _Detail, *, has_line: bool) -> tuple[str, ...]:
    """The title of a story, and the lines below it."""
    lines = (
        linked_title(story.id, story.title, story.page_url),
        facts(story, language),
        sentences(story, language, detail.sentences),
        _for_you(story, language, detail.line),
        discussion_line(story, language, detail.line) if has_line else "",
    )
    return tuple(filter(None, lines))


def _for_you(story: StoryBlock, language: str, most: int) -> str:
    """The interests that chose the story; in some styles also the key points about them."""
    points = (
        sentences_without_links(point, most, story.site)
        for point in story.key_points[: story.points_of_interest]
    )
    return " ".join([for_you(story, language), *islice(points, 1)])


def _in_rows(keys: list[Button]) -> tuple[tuple[Button, ...], ...]:
    """The numbers of the stories, which open their cards: one row for every five, of equal
    length.
    """
    rows = -(-len(keys) // BUTTONS_IN_A_ROW)
    longer = len(keys) % rows
    lengths = [len(keys) // rows + (row < longer) for row in range(rows)]
    ends = list(accumulate(lengths))
    return tuple(tuple(keys[end - n : end]) for n, end in zip(lengths, ends, strict=True))


def _head(digest: DigestDescription) -> str:
    """The heading of a digest, the operator's notice, and the lede."""
    day = day_name(digest.day, digest.language)
    heading = text(f"digest.heading_{digest.kind}", digest.language, day=day)
    if digest.notice:
        heading = f"{heading}\n<i>{escaped_line(digest.notice, MAX_NOTICE)}</i>"
    if digest.untranslated:
        heading = f"{heading}\n<i>{text('digest.untranslated', digest.language)}</i>"
    return f"{heading}\n\n{without_links(digest.lede, MAX_LEDE, None)}" if digest.lede else heading


def nothing_new(reader: Reader, now: datetime) -> str:
    """The reply to a reader who requests a digest when there are no new stories."""
    described = Html(describe_next_digest(reader, now))
    return text("digest.empty", reader.language, coming=described)
