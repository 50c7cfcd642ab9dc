"""/status, for the operator: how everything is, on one screen."""

from __future__ import annotations

from dataclasses import replace

from app.llm import store as llm
from app.readers.schedule import zone
from app.telegram import alerts, operator_store
from app.telegram.exchange import Exchange
from app.telegram.operator_facts import gather
from app.telegram.operator_status import StatusPage


async def status(exchange: Exchange) -> None:
    exchange.say(await _page(exchange), _buttons(exchange))


async def pressed(exchange: Exchange, data: str) -> None:
    """The page is brought up to date where it stands."""
    exchange.change(await _page(exchange), _buttons(exchange))


async def _page(exchange: Exchange) -> str:
    connection, now = exchange.connection, exchange.now
    facts = await gather(connection, now)
    # The update that asks for this is in the inbox until it is answered.
    others = max(0, facts.inbox.pending - 1)
    facts = replace(facts, inbox=replace(facts.inbox, pending=others))
    local = now.astimezone(zone(exchange.reader.timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = await operator_store.count_since(connection, midnight)
    spent = await llm.spent(connection)
    page = StatusPage(facts, day, spent, exchange.reader, exchange.settings)
    return page.html(await alerts.told(connection))


def _buttons(exchange: Exchange) -> list[list[tuple[str, str]]]:
    return [[(exchange.text("status.refresh"), "status:")]]
