"""An answer as Telegram messages: escaped, with what it rests on, and split where it is long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from app.conversations.answer import Answer, Source
from app.conversations.store import Subject
from app.digests.parts import hn_link, link, page, quiet, safe, size, text_of_reason
from app.summaries.sentences import split
from app.summaries.store import LLM
from app.wording import Html, text

MOST_QUOTE = 260
MOST_NAME = 40


def compose_answer(
    answer: Answer, subject: Subject, language: str, *, more: Sequence[str] = ()
) -> list[str]:
    """The messages' HTML; `more` are keys of texts that stand at the end."""
    notes = [
        text(key, language, reason=text_of_reason(subject.article_reason or "other", language))
        for key in answer.notes
    ]
    sources = "\n\n".join(_source(one, subject, language) for one in answer.sources)
    ending = [text(key, language) for key in more]
    if answer.method == LLM:
        paragraphs = [quiet(one, len(one) + 1, subject.site) for one in answer.text.split("\n\n")]
        blocks = [*paragraphs, sources, *map(_remark, notes), *map(_remark, ending)]
    else:
        blocks = [*notes, sources, *map(_remark, ending)]
    return _joined([block for block in blocks if block])


def _source(source: Source, subject: Subject, language: str) -> str:
    """A quote and where it stands."""
    passage = source.passage
    if passage.comment_id is not None:
        name = passage.author or text("ask.somebody", language)
        place = link(hn_link(passage.comment_id), safe(name, MOST_NAME))
        mark = "💬"
    else:
        place = link(page(subject), text("ask.article", language))
        mark = "📄"
    if not source.quote:
        return f"{mark} {place}"
    quote = Html(quiet(source.quote, MOST_QUOTE, subject.site))
    return f"{mark} {text('ask.quote', language, quote=quote, place=Html(place))}"


def _remark(html: str) -> str:
    return f"<i>{html}</i>"


def _joined(blocks: Sequence[str]) -> list[str]:
    """As few messages as hold the blocks, none of which is torn unless it must be."""
    pieces = (
        # A paragraph without tags that is too long for one message is torn between sentences.
        [block] if size(block).fits else _packed(split(block), " ")
        for block in blocks
    )
    return _packed(chain.from_iterable(pieces), "\n\n")


def _packed(pieces: Iterable[str], separator: str) -> list[str]:
    """The pieces in their order, as many together as fit into a message."""
    packed: list[str] = []
    for piece in pieces:
        longer = f"{packed[-1]}{separator}{piece}" if packed else piece
        if packed and size(longer).fits:
            packed[-1] = longer
        else:
            packed.append(piece)
    return packed
