"""Alerts to the operator about troubles that need a person.

An alert is sent when a trouble has lasted for a while, again only when it gets worse, and when it
is over. It is a row, so a restart neither repeats nor loses it. A trouble is over only after it has
stayed away for a while, so that one that comes and goes causes a single alert.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape

from app.database.connection import Connection
from app.telegram.send import outbox
from app.telegram.send.messages import text_message
from app.telegram.send.outbox import OutgoingMessage, Priority
from app.telegram.send.plain_text import without_entities
from app.wording import FALLBACK, Html, text

log = logging.getLogger(__name__)

# How long a trouble must be absent to be over.
SETTLED = timedelta(minutes=10)
# Troubles that do not come and go by themselves.
SETTLED_AT_ONCE = frozenset({"parked", "uncertain"})
# The shortest time between two messages about one trouble.
AGAIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong now.

    Attributes:
        key: identifies the trouble, for as long as it lasts.
        html: the text for the operator.
        degree: severity, from 1; an increase is reported again.
        hold: how long it must last before it is reported.
    """

    key: str
    html: str
    degree: int = 1
    hold: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Alert:
    """A stored trouble."""

    key: str
    detail: str
    degree: int
    told_degree: int
    since: datetime
    told_at: datetime | None
    quiet_since: datetime | None


_COLUMNS = ", ".join(Alert.__dataclass_fields__)


class Alerts:
    """Alerts to one chat; without an `admin_chat_id` they are only stored and logged."""

    def __init__(self, admin_chat_id: int | None) -> None:
        self._admin_chat_id = admin_chat_id

    async def update(
        self,
        connection: Connection,
        troubles: Collection[Trouble],
        language: str,
        now: datetime,
    ) -> None:
        """Compare current troubles with the stored ones, and report the changes.

        Not concurrent: call it in a transaction that holds `Lock.WATCH`.
        """
        rows = await connection.fetch(f"SELECT {_COLUMNS} FROM alerts FOR UPDATE")
        known = {row["key"]: Alert(**dict(row)) for row in rows}
        present = {trouble.key: trouble for trouble in troubles}
        for key in sorted(known.keys() | present.keys()):
            trouble, alert = present.get(key), known.get(key)
            if trouble is not None:
                await self._raise(connection, alert, trouble, language, now)
            elif alert is not None and (alert.degree or alert.quiet_since):
                await self._end_if_settled(connection, alert, language, now)

    async def tell(self, connection: Connection, key: str, detail: str) -> None:
        """Report a trouble that occurred during some work; `detail` is plain text.

        It lasts until `clear`, and is reported again when the detail has changed.
        """
        now = datetime.now(UTC)
        said = await connection.fetchval(
            """
            INSERT INTO alerts AS known (key, detail, degree, since, told_at)
            VALUES ($1, $2, 0, $3, $3)
            ON CONFLICT (key) DO UPDATE SET
                detail = CASE WHEN known.told_at <= $4 THEN $2 ELSE known.detail END,
                told_at = CASE WHEN known.told_at <= $4 AND known.detail <> $2 THEN $3
                               ELSE known.told_at END,
                quiet_since = NULL
            RETURNING told_at = $3
            """,
            key,
            escape(detail, quote=False),
            now,
            now - AGAIN,
        )
        if said:
            html = escape(detail, quote=False)
            await self._say(connection, f"{key}:{now.timestamp()}", "alert.told", html, FALLBACK)

    async def clear(self, connection: Connection, key: str) -> None:
        """End the trouble that was reported with `tell`, unless it returns soon."""
        await connection.execute(
            "UPDATE alerts SET quiet_since = now() WHERE key = $1 AND quiet_since IS NULL", key
        )

    async def mention(
        self, connection: Connection, key: str, html: str, language: str, now: datetime
    ) -> None:
        """Report something that is over already."""
        await self._say(connection, f"{key}:{now.timestamp()}", "alert.told", html, language)

    async def _raise(
        self,
        connection: Connection,
        known: Alert | None,
        trouble: Trouble,
        language: str,
        now: datetime,
    ) -> None:
        alert = known or Alert(trouble.key, trouble.html, trouble.degree, 0, now, None, None)
        alert = replace(
            alert,
            detail=trouble.html,
            degree=trouble.degree,
            told_degree=min(alert.told_degree, trouble.degree),
            quiet_since=None,
        )
        lasted = now - alert.since >= trouble.hold
        rested = alert.told_at is None or now - alert.told_at >= AGAIN
        if lasted and rested and alert.degree > alert.told_degree:
            key = f"{alert.key}:{now.timestamp()}"
            await self._say(connection, key, "alert.told", alert.detail, language)
            alert = replace(alert, told_at=now, told_degree=alert.degree)
        if alert != known:
            await _keep(connection, alert)

    async def _end_if_settled(
        self, connection: Connection, alert: Alert, language: str, now: datetime
    ) -> None:
        quiet_since = alert.quiet_since or now
        settled = alert.key in SETTLED_AT_ONCE or now - quiet_since >= SETTLED
        if alert.told_at is not None and not settled:
            await _keep(connection, replace(alert, quiet_since=quiet_since))
            return
        await connection.execute("DELETE FROM alerts WHERE key = $1", alert.key)
        if alert.told_at is not None:
            key = f"{alert.key}:{now.timestamp()}"
            await self._say(connection, key, "alert.over", alert.detail, language)

    async def _say(
        self, connection: Connection, key: str, wording: str, html: str, language: str
    ) -> None:
        message = text_message(text(wording, language, what=Html(html)))
        log.warning("%s", without_entities(message)["text"])
        if self._admin_chat_id is None:
            return
        await outbox.enqueue(
            connection,
            [
                OutgoingMessage(
                    key=f"alert:{key}",
                    chat_id=self._admin_chat_id,
                    method="sendMessage",
                    parameters={"chat_id": self._admin_chat_id, **message},
                    priority=Priority.ALERT,
                )
            ],
        )


async def reported_alerts(connection: Connection) -> list[Alert]:
    """The reported alerts that are not over, the oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM alerts WHERE told_at IS NOT NULL ORDER BY since, key"
    )
    return [Alert(**dict(row)) for row in rows]


async def _keep(connection: Connection, alert: Alert) -> None:
    await connection.execute(
        """
        INSERT INTO alerts (key, detail, degree, told_degree, since, told_at, quiet_since)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (key) DO UPDATE SET
            detail = $2, degree = $3, told_degree = $4, told_at = $6, quiet_since = $7
        """,
        alert.key,
        alert.detail,
        alert.degree,
        alert.told_degree,
        alert.since,
        alert.told_at,
        alert.quiet_since,
    )
