"""/saved: the saved stories, page by page, to open, remove or export."""

from __future__ import annotations

from app.digests import history
from app.readers import opinions
from app.telegram.exports.jobs import BOOKMARKS, MARKDOWN
from app.telegram.handle.commands import story_list
from app.telegram.handle.commands.files import ask_for_file
from app.telegram.handle.context import HandlerContext
from app.telegram.send.messages import Keyboard, parse_number

ON_A_PAGE = 5
FORMATS = (MARKDOWN, BOOKMARKS)


async def saved(context: HandlerContext) -> None:
    """`/saved` shows them; `/saved markdown` and `/saved bookmarks` send all as a file."""
    wanted = context.argument.lower()
    if not wanted:
        context.say(*await _page(context, 0))
    elif wanted in FORMATS:
        await _file(context, wanted)
    else:
        context.say(context.text("saved.usage"))


async def on_button(context: HandlerContext, data: str) -> None:
    """`page:<number>`, `drop:<story>:<page>` or `file:<format>`."""
    action, _, value = data.partition(":")
    match action:
        case "page":
            context.change(*await _page(context, story_list.page_number(value)))
        case "drop":
            story_id, _, page = value.partition(":")
            if number := parse_number(story_id):
                await opinions.unsave(context.connection, context.reader, number)
            context.answer(context.text("card.noted_unsaved"))
            context.change(*await _page(context, story_list.page_number(page)))
        case "file" if value in FORMATS:
            await _file(context, value)
        case _:
            context.answer(context.text("button.unknown"))


async def _page(context: HandlerContext, page: int) -> tuple[str, Keyboard]:
    count = await history.count_saved(context.connection, context.chat.id)
    if not count:
        return context.text("saved.none"), []
    page = min(page, (count - 1) // ON_A_PAGE)
    first = page * ON_A_PAGE
    stories = await history.saved_stories(
        context.connection, context.chat.id, limit=ON_A_PAGE, offset=first
    )
    heading = context.text("saved.heading", count=count)
    removing = [
        (f"✖ {number}", f"saved:drop:{story.id}:{page}")
        for number, story in enumerate(stories, first + 1)
    ]
    files = [(context.text(f"saved.{name}"), f"saved:file:{name}") for name in FORMATS]
    turning = story_list.paging_buttons("saved:page", page, more=first + len(stories) < count)
    rows = [story_list.numbers(stories, first + 1), removing, turning, files]
    listed = story_list.lines(context, stories, first + 1)
    hint = context.text("saved.hint")
    return f"{heading}\n\n{listed}\n\n{hint}", [row for row in rows if row]


async def _file(context: HandlerContext, kind: str) -> None:
    if await history.count_saved(context.connection, context.chat.id):
        await ask_for_file(context, kind)
    else:
        context.say(context.text("saved.none"))
