"""Lists of stories that a reader knows already, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence

from app.digests.history import PastStory
from app.digests.parts import hn_link, link, site, title_link
from app.readers.schedule import zone
from app.telegram.exchange import Exchange
from app.telegram.messages import Button, number_in
from app.wording import Html
from app.wording.dates import past_day


def lines(exchange: Exchange, stories: Sequence[PastStory], first: int) -> str:
    """The stories with their numbers, the first of which is `first`."""
    language, here = exchange.reader.language, zone(exchange.reader.timezone)
    blocks = []
    for number, story in enumerate(stories, first):
        comments = exchange.text("digest.comments", count=story.comment_count)
        facts = [
            exchange.text("digest.points", count=story.points),
            link(hn_link(story.id), comments),
            Html(past_day(story.at.astimezone(here).date(), language)),
        ]
        blocks.append(f"<b>{number}. {title_link(story)}</b>{site(story)}\n{' · '.join(facts)}")
    return "\n\n".join(blocks)


def numbers(stories: Sequence[PastStory], first: int) -> list[Button]:
    """A button for each story that opens its card."""
    return [(str(number), f"story:{story.id}") for number, story in enumerate(stories, first)]


def turning(prefix: str, page: int, *, more: bool, suffix: str = "") -> list[Button]:
    """The buttons that lead to the pages before and behind."""
    buttons = []
    if page > 0:
        buttons.append((f"‹ {page}", f"{prefix}:{page - 1}{suffix}"))
    if more:
        buttons.append((f"{page + 2} ›", f"{prefix}:{page + 1}{suffix}"))
    return buttons


def page_number(data: str) -> int:
    """The page that a button names; the first one for what no button of ours says."""
    return number_in(data, digits=4) or 0
