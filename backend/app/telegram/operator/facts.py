"""The data that /status and the alerts are computed from, read from the database at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.store import ReaderCount
from app.telegram.operator import store as operator_store
from app.telegram.operator.store import ALIVE, Instance, Report
from app.telegram.receive import inbox, maintenance
from app.telegram.receive.inbox import InboxDepth
from app.telegram.receive.maintenance import Maintenance
from app.telegram.send import outbox
from app.telegram.send.outbox import OutboxDepth


@dataclass(frozen=True, slots=True)
class Facts:
    """The state at time `now`; `instances` are those of the last days, newest first."""

    now: datetime
    instances: list[Instance]
    inbox: InboxDepth
    outbox: OutboxDepth
    readers: ReaderCount
    reports: dict[str, Report]
    queue_bytes: int = 0  # disk space of the inbox and the outbox
    maintenance: Maintenance | None = None  # the one that is on, or the last one

    @property
    def alive(self) -> list[Instance]:
        return [one for one in self.instances if self.now - one.seen_at < ALIVE]

    @property
    def leader(self) -> Instance | None:
        """The process that polls; None during a takeover."""
        return next((one for one in self.alive if one.leads), None)

    @property
    def hackernews_at(self) -> datetime | None:
        """When Hacker News last responded to any process."""
        moments = [one.state.get("hackernews_at") for one in self.instances]
        return max((datetime.fromisoformat(at) for at in moments if at), default=None)

    def ago(self, moment: datetime) -> timedelta:
        return self.now - moment

    def of_alive(self, name: str) -> list[Any]:
        """The values that running processes report under `name`."""
        return [one.state[name] for one in self.alive if one.state.get(name)]


async def gather(connection: Connection, now: datetime) -> Facts:
    return Facts(
        now=now,
        instances=await operator_store.instances(connection),
        inbox=await inbox.depth(connection),
        outbox=await outbox.depth(connection),
        readers=await readers.count(connection, now),
        maintenance=await maintenance.load(connection),
        reports=await operator_store.host_reports(connection),
        queue_bytes=await connection.fetchval(
            "SELECT pg_total_relation_size('inbox') + pg_total_relation_size('outbox')"
        ),
    )
