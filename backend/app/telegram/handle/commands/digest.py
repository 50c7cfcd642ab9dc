"""/digest: request a digest now."""

from __future__ import annotations

from app.digests.candidates import has_enough_candidates
from app.readers import store as readers
from app.telegram.handle.context import HandlerContext


async def digest(context: HandlerContext) -> None:
    """Request a digest; it is made after the handler, because choosing takes longer than a reply
    may.
    """
    await readers.update(
        context.connection,
        context.reader,
        context.now,
        digest_wanted_at=context.now,
        digest_wanted_in=context.thread_id,
    )
    if not await has_enough_candidates(context.connection, context.settings.stories_per_day):
        context.say(context.text("digest.wait"))
