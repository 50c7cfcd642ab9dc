"""/search: stories that the reader has seen or saved, by words."""

from __future__ import annotations

from app.digests import history
from app.telegram.commands import story_list
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard

ON_A_PAGE = 5
MOST_WORDS = 200
# Pages are turned by buttons that hold the words; longer ones show a longer first page only.
MOST_IN_A_BUTTON = 48
WITHOUT_PAGES = 10


async def search(exchange: Exchange) -> None:
    """`/search words`."""
    words = " ".join(exchange.argument.split())
    if not words:
        exchange.say(exchange.text("search.usage"))
    elif len(words) > MOST_WORDS:
        exchange.say(exchange.text("search.too_long", most=MOST_WORDS))
    else:
        exchange.say(*await _page(exchange, words, 0))


async def pressed(exchange: Exchange, data: str) -> None:
    """`<page>:<words>`."""
    page, _, words = data.partition(":")
    exchange.change(*await _page(exchange, words, story_list.page_number(page)))


async def _page(exchange: Exchange, words: str, page: int) -> tuple[str, Keyboard]:
    turns = len(words.encode()) <= MOST_IN_A_BUTTON
    on_a_page = ON_A_PAGE if turns else WITHOUT_PAGES
    first = page * on_a_page
    found = await history.search_seen(
        exchange.connection, exchange.chat.id, words, limit=on_a_page + 1, offset=first
    )
    shown, more = found[:on_a_page], len(found) > on_a_page
    if not shown:
        key = "search.none" if page == 0 else "search.no_more"
        return exchange.text(key, words=words), []
    heading = exchange.text("search.heading", words=words)
    html = f"{heading}\n\n{story_list.lines(exchange, shown, first + 1)}"
    hint = "search.shorten" if more and not turns else "search.hint"
    html = f"{html}\n\n{exchange.text(hint)}"
    turning = story_list.turning("find", page, more=more, suffix=f":{words}") if turns else []
    rows = [story_list.numbers(shown, first + 1), turning]
    return html, [row for row in rows if row]
