"""/pause and /resume: no digests for a while, with everything kept."""

from __future__ import annotations

from app.readers.times import coming
from app.telegram import outbox_claims
from app.telegram.exchange import Exchange
from app.wording import Html


async def pause(exchange: Exchange) -> None:
    # The reader first: whoever makes a digest for this one just now has the row locked, and what
    # they add is taken back as well.
    await exchange.change_settings(paused_at=exchange.now, digest_wanted_at=None)
    await outbox_claims.withdraw_digests(exchange.connection, exchange.chat.id)
    exchange.say(exchange.text("pause.done"))


async def resume(exchange: Exchange) -> None:
    await exchange.change_settings(paused_at=None)
    described = coming(exchange.reader, exchange.now)
    exchange.say(exchange.text("pause.resumed", coming=Html(described)))
