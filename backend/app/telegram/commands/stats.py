"""/stats: a reader's reading in numbers."""

from __future__ import annotations

from app.database.aging import HISTORY
from app.digests import history
from app.readers.schedule import zone
from app.telegram.exchange import Exchange
from app.wording import Html
from app.wording.dates import past_day


async def stats(exchange: Exchange) -> None:
    """Digests, stories, opinions, what was saved and asked, and where the liked stories stood."""
    since = max(exchange.reader.created_at, exchange.now - HISTORY)
    known = await history.statistics(exchange.connection, exchange.chat.id, since)
    here = zone(exchange.reader.timezone)
    first_day = past_day(known.since.astimezone(here).date(), exchange.reader.language)
    lines = [
        exchange.text("stats.heading", since=Html(first_day)),
        "",
        exchange.text("stats.digests", count=known.digests),
        exchange.text("stats.stories", count=known.stories),
        exchange.text("stats.opened", count=known.opened),
        exchange.text("stats.opinions", liked=known.liked, disliked=known.disliked),
        exchange.text("stats.saved", count=known.saved),
        exchange.text("stats.questions", count=known.questions),
    ]
    if known.favourite_sites:
        lines.append(exchange.text("stats.sites", sites=", ".join(known.favourite_sites)))
    exchange.say("\n".join(lines))
