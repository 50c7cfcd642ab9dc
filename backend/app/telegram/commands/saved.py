"""/saved: the stories that were saved, a page at a time, to open, remove or take along."""

from __future__ import annotations

from app.digests import history
from app.digests.saved_files import as_bookmarks, as_markdown
from app.readers import opinions
from app.telegram.commands import story_list
from app.telegram.exchange import Exchange
from app.telegram.messages import Keyboard, number_in
from app.wording.dates import past_day

ON_A_PAGE = 5
MOST_EXPORTED = 10_000
FORMATS = ("markdown", "bookmarks")


async def saved(exchange: Exchange) -> None:
    """`/saved` shows them; `/saved markdown` and `/saved bookmarks` send a file of all."""
    wanted = exchange.argument.lower()
    if not wanted:
        exchange.say(*await _page(exchange, 0))
    elif wanted in FORMATS:
        await _export(exchange, wanted)
    else:
        exchange.say(exchange.text("saved.usage"))


async def pressed(exchange: Exchange, data: str) -> None:
    """`page:<number>`, `drop:<story>:<page>` or `file:<format>`."""
    action, _, value = data.partition(":")
    match action:
        case "page":
            exchange.change(*await _page(exchange, story_list.page_number(value)))
        case "drop":
            story_id, _, page = value.partition(":")
            if number := number_in(story_id):
                await opinions.unsave(exchange.connection, exchange.reader, number)
            exchange.answer(exchange.text("card.noted_unsaved"))
            exchange.change(*await _page(exchange, story_list.page_number(page)))
        case "file" if value in FORMATS:
            await _export(exchange, value)
        case _:
            exchange.answer(exchange.text("button.unknown"))


async def _page(exchange: Exchange, page: int) -> tuple[str, Keyboard]:
    count = await history.count_saved(exchange.connection, exchange.chat.id)
    if not count:
        return exchange.text("saved.none"), []
    page = min(page, (count - 1) // ON_A_PAGE)
    first = page * ON_A_PAGE
    stories = await history.saved_stories(
        exchange.connection, exchange.chat.id, limit=ON_A_PAGE, offset=first
    )
    heading = exchange.text("saved.heading", count=count)
    removing = [
        (f"✖ {number}", f"saved:drop:{story.id}:{page}")
        for number, story in enumerate(stories, first + 1)
    ]
    files = [(exchange.text(f"saved.{name}"), f"saved:file:{name}") for name in FORMATS]
    turning = story_list.turning("saved:page", page, more=first + len(stories) < count)
    rows = [story_list.numbers(stories, first + 1), removing, turning, files]
    listed = story_list.lines(exchange, stories, first + 1)
    hint = exchange.text("saved.hint")
    return f"{heading}\n\n{listed}\n\n{hint}", [row for row in rows if row]


async def _export(exchange: Exchange, name: str) -> None:
    stories = await history.saved_stories(
        exchange.connection, exchange.chat.id, limit=MOST_EXPORTED
    )
    if not stories:
        exchange.say(exchange.text("saved.none"))
        return
    today = exchange.now.date()
    caption = exchange.text(f"saved.caption_{name}", count=len(stories))
    if name == "markdown":
        heading = exchange.text("saved.title", day=past_day(today, exchange.reader.language))
        content = as_markdown(stories, heading)
        exchange.send_document(f"hn-pal-saved-{today}.md", content, caption)
    else:
        exchange.send_document(f"hn-pal-saved-{today}.html", as_bookmarks(stories), caption)
