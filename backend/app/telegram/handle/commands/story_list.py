"""Lists of past stories, page by page."""

from __future__ import annotations

from collections.abc import Sequence

from app.digests.addresses import hn_link
from app.digests.buttons import Button
from app.digests.history import PastStory
from app.digests.parts import site, title_link
from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import parse_number
from app.text.telegram_html import link
from app.wording import Html
from app.wording.dates import past_day


def lines(context: HandlerContext, stories: Sequence[PastStory], first: int) -> str:
    """The stories with their numbers, beginning with `first`."""
    language, here = context.reader.language, zone(context.reader.timezone)
    blocks = []
    for number, story in enumerate(stories, first):
        comments = context.text("digest.comments", count=story.comment_count)
        facts = [
            context.text("digest.points", count=story.points),
            link(hn_link(story.id), comments),
            Html(past_day(story.at.astimezone(here).date(), language)),
        ]
        blocks.append(f"<b>{number}. {title_link(story)}</b>{site(story)}\n{' · '.join(facts)}")
    return "\n\n".join(blocks)


def numbers(stories: Sequence[PastStory], first: int) -> list[Button]:
    """For each story a button that opens its card."""
    return [(str(number), f"story:{story.id}") for number, story in enumerate(stories, first)]


def paging_buttons(prefix: str, page: int, *, more: bool, suffix: str = "") -> list[Button]:
    """The buttons for the previous and the next page."""
    buttons = []
    if page > 0:
        buttons.append((f"‹ {page}", f"{prefix}:{page - 1}{suffix}"))
    if more:
        buttons.append((f"{page + 2} ›", f"{prefix}:{page + 1}{suffix}"))
    return buttons


def page_number(data: str) -> int:
    """The page number in a button's data; the first page if it is invalid."""
    return parse_number(data, digits=4) or 0
