"""/stats: a chat's statistics."""

from __future__ import annotations

from app.database.aging import HISTORY
from app.digests import history
from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.wording import Html
from app.wording.dates import past_day


async def stats(context: HandlerContext) -> None:
    """Numbers of digests, stories, opinions, saves and questions, and the ranks of liked
    stories.
    """
    since = max(context.reader.created_at, context.now - HISTORY)
    known = await history.statistics(context.connection, context.chat.id, since)
    here = zone(context.reader.timezone)
    first_day = past_day(known.since.astimezone(here).date(), context.reader.language)
    heading = "stats.heading" if context.is_private else "stats.heading_shared"
    lines = [
        context.text(heading, since=Html(first_day)),
        "",
        context.text("stats.digests", count=known.digests),
        context.text("stats.stories", count=known.stories),
        context.text("stats.opened", count=known.opened),
        context.text("stats.opinions", liked=known.liked, disliked=known.disliked),
        context.text("stats.saved", count=known.saved),
        context.text("stats.questions", count=known.questions),
    ]
    if known.favourite_sites:
        lines.append(context.text("stats.sites", sites=", ".join(known.favourite_sites)))
    context.say("\n".join(lines))
