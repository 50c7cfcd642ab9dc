"""Formats an answer as Telegram messages: escaped, with its sources, and split if too long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from app.conversations.answer import Answer, CitedPassage
from app.conversations.store import Subject
from app.digests.addresses import hn_link, page_url
from app.digests.parts import text_of_reason
from app.summaries.store import LLM
from app.text.sentences import split
from app.text.telegram_html import escaped_line, link, size, without_links
from app.wording import Html, text

MAX_QUOTE = 260
MAX_NAME = 40


def compose_answer(
    answer: Answer, subject: Subject, language: str, *, more: Sequence[str] = ()
) -> list[str]:
    """The messages' HTML; `more` are keys of texts that are appended."""
    notes = [
        text(key, language, reason=text_of_reason(subject.article_reason or "other", language))
        for key in answer.notes
    ]
    sources = "\n\n".join(_source(one, subject, language) for one in answer.sources)
    ending = [text(key, language) for key in more]
    if answer.method == LLM:
        paragraphs = [
            without_links(one, len(one) + 1, subject.site) for one in answer.text.split("\n\n")
        ]
        blocks = [*paragraphs, sources, *map(_remark, notes), *map(_remark, ending)]
    else:
        blocks = [*notes, sources, *map(_remark, ending)]
    return _joined([block for block in blocks if block])


def _source(source: CitedPassage, subject: Subject, language: str) -> str:
    """A quote and its source."""
    passage = source.passage
    if passage.comment_id is not None:
        name = passage.author or text("ask.somebody", language)
        place = link(hn_link(passage.comment_id), escaped_line(name, MAX_NAME))
        mark = "💬"
    else:
        place = link(page_url(subject), text("ask.article", language))
        mark = "📄"
    if not source.quote:
        return f"{mark} {place}"
    quote = Html(without_links(source.quote, MAX_QUOTE, subject.site))
    return f"{mark} {text('ask.quote', language, quote=quote, place=Html(place))}"


def _remark(html: str) -> str:
    return f"<i>{html}</i>"


def _joined(blocks: Sequence[str]) -> list[str]:
    """The blocks in as few messages as possible; a block is split only if it exceeds a message."""
    pieces = (
        # A paragraph without tags that exceeds a message is split between sentences.
        [block] if size(block).fits else _packed(split(block), " ")
        for block in blocks
    )
    return _packed(chain.from_iterable(pieces), "\n\n")


def _packed(pieces: Iterable[str], separator: str) -> list[str]:
    """The pieces in order, as many as fit in each message."""
    packed: list[str] = []
    for piece in pieces:
        longer = f"{packed[-1]}{separator}{piece}" if packed else piece
        if packed and size(longer).fits:
            packed[-1] = longer
        else:
            packed.append(piece)
    return packed
