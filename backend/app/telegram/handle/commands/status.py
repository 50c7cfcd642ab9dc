"""/status, for the operator: the state of everything on one screen."""

from __future__ import annotations

from dataclasses import replace

from app.llm import store as llm
from app.readers.schedule import zone
from app.telegram.handle.context import HandlerContext
from app.telegram.operator import alerts
from app.telegram.operator import store as operator_store
from app.telegram.operator.facts import gather
from app.telegram.operator.status import StatusPage


async def status(context: HandlerContext) -> None:
    context.say(await _page(context), _buttons(context))


async def on_button(context: HandlerContext, data: str) -> None:
    """Update the page in place."""
    context.change(await _page(context), _buttons(context))


async def _page(context: HandlerContext) -> str:
    connection, now = context.connection, context.now
    facts = await gather(connection, now)
    # The update of this command itself is in the inbox until it is answered.
    others = max(0, facts.inbox.pending - 1)
    facts = replace(facts, inbox=replace(facts.inbox, pending=others))
    local = now.astimezone(zone(context.reader.timezone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = await operator_store.count_since(connection, midnight)
    spent = await llm.spent(connection)
    page = StatusPage(facts, day, spent, context.reader, context.settings)
    return page.html(await alerts.reported_alerts(connection))


def _buttons(context: HandlerContext) -> list[list[tuple[str, str]]]:
    return [[(context.text("status.refresh"), "status:")]]
