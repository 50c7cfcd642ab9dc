"""/pause and /resume: no digests for a while; everything else is kept."""

from __future__ import annotations

from app.readers.times import describe_next_digest
from app.telegram.handle.context import HandlerContext
from app.telegram.send import transitions
from app.wording import Html


async def pause(context: HandlerContext) -> None:
    # The reader's row first: a worker that is making a digest for this reader holds its lock, and
    # the digest's messages must be withdrawn too.
    await context.change_settings(paused_at=context.now, digest_wanted_at=None)
    await transitions.withdraw_digests(context.connection, context.chat.id)
    context.say(context.text("pause.done"))


async def resume(context: HandlerContext) -> None:
    await context.change_settings(paused_at=None)
    described = describe_next_digest(context.reader, context.now)
    context.say(context.text("pause.resumed", coming=Html(described)))
