"""/search: searches the stories that the reader has seen or saved."""

from __future__ import annotations

from app.digests import history
from app.telegram.handle.commands import story_list
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard

ON_A_PAGE = 5
MAX_WORDS = 200
# The buttons that turn pages contain the words; longer queries have a single, longer page.
MAX_IN_A_BUTTON = 48
WITHOUT_PAGES = 10


async def search(context: HandlerContext) -> None:
    """`/search words`."""
    await search_typed(context, context.argument)


async def search_typed(context: HandlerContext, typed: str) -> None:
    """Show the stories that contain the words."""
    words = " ".join(typed.split())
    if not words:
        context.say(context.text("search.usage"))
    elif len(words) > MAX_WORDS:
        context.say(context.text("search.too_long", most=MAX_WORDS))
    else:
        context.say(*await _page(context, words, 0))


async def on_button(context: HandlerContext, data: str) -> None:
    """`<page>:<words>`."""
    page, _, words = data.partition(":")
    context.change(*await _page(context, words, story_list.page_number(page)))


async def _page(context: HandlerContext, words: str, page: int) -> tuple[str, Keyboard]:
    turns = len(words.encode()) <= MAX_IN_A_BUTTON
    on_a_page = ON_A_PAGE if turns else WITHOUT_PAGES
    first = page * on_a_page
    found = await history.search_seen(
        context.connection, context.chat.id, words, limit=on_a_page + 1, offset=first
    )
    shown, more = found[:on_a_page], len(found) > on_a_page
    if not shown:
        key = "search.none" if page == 0 else "search.no_more"
        return context.text(key, words=words), []
    heading = context.text("search.heading", words=words)
    html = f"{heading}\n\n{story_list.lines(context, shown, first + 1)}"
    hint = "search.shorten" if more and not turns else "search.hint"
    html = f"{html}\n\n{context.text(hint)}"
    turning = (
        story_list.paging_buttons("find", page, more=more, suffix=f":{words}") if turns else []
    )
    rows = [story_list.numbers(shown, first + 1), turning]
    return html, [row for row in rows if row]
