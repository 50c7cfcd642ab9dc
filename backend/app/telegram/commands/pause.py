"""/pause and /resume: no digests for a while, with everything kept."""

from __future__ import annotations

from app.readers import store as readers
from app.readers.times import coming
from app.telegram.exchange import Exchange
from app.wording import Html


async def pause(exchange: Exchange) -> None:
    await readers.update(exchange.connection, exchange.reader, exchange.now, paused_at=exchange.now)
    exchange.say(exchange.text("pause.done"))


async def resume(exchange: Exchange) -> None:
    reader = await readers.update(
        exchange.connection, exchange.reader, exchange.now, paused_at=None
    )
    described = coming(reader, exchange.now)
    exchange.say(exchange.text("pause.resumed", coming=Html(described)))
