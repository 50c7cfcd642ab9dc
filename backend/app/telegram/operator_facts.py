"""What /status shows and alerts are judged by, read from the database in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection
from app.readers import store as readers
from app.readers.store import ReaderCount
from app.telegram import inbox, operator_store, outbox
from app.telegram.inbox import InboxDepth
from app.telegram.operator_store import ALIVE, Instance, Report
from app.telegram.outbox import OutboxDepth


@dataclass(frozen=True, slots=True)
class Facts:
    """The state of everything at `now`; `instances` are those of the last days, newest first."""

    now: datetime
    instances: list[Instance]
    inbox: InboxDepth
    outbox: OutboxDepth
    readers: ReaderCount
    reports: dict[str, Report]

    @property
    def alive(self) -> list[Instance]:
        return [one for one in self.instances if self.now - one.seen_at < ALIVE]

    @property
    def leader(self) -> Instance | None:
        """The process that polls; while another takes over there is none."""
        return next((one for one in self.alive if one.leads), None)

    @property
    def hackernews_at(self) -> datetime | None:
        """When Hacker News last answered any of the processes."""
        moments = [one.state.get("hackernews_at") for one in self.instances]
        return max((datetime.fromisoformat(at) for at in moments if at), default=None)

    def ago(self, moment: datetime) -> timedelta:
        return self.now - moment

    def of_alive(self, name: str) -> list[Any]:
        """What the living processes say under `name`, where they say anything."""
        return [one.state[name] for one in self.alive if one.state.get(name)]


async def gather(connection: Connection, now: datetime) -> Facts:
    return Facts(
        now=now,
        instances=await operator_store.instances(connection),
        inbox=await inbox.depth(connection),
        outbox=await outbox.depth(connection),
        readers=await readers.count(connection, now),
        reports=await operator_store.host_reports(connection),
    )
