"""/digest: one now."""

from __future__ import annotations

from app.digests.candidates import enough_ready
from app.readers import store as readers
from app.telegram.exchange import Exchange


async def digest(exchange: Exchange) -> None:
    """Ask for a digest; it is made behind the handler, because choosing takes longer than
    answering.
    """
    await readers.update(
        exchange.connection,
        exchange.reader,
        exchange.now,
        digest_wanted_at=exchange.now,
        digest_wanted_in=exchange.thread_id,
    )
    if not await enough_ready(exchange.connection, exchange.settings.stories_per_day):
        exchange.say(exchange.text("digest.wait"))
