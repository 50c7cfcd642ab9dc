"""Telling the operator when something needs a person: once, and again only after it has changed."""

from __future__ import annotations

from html import escape

from app.database.connection import Connection
from app.telegram import outbox
from app.telegram.outbox import OutgoingMessage, Priority


class Alerts:
    """Alerts to one chat; without an `admin_chat_id` they are only kept for /status and the log."""

    def __init__(self, admin_chat_id: int | None) -> None:
        self._admin_chat_id = admin_chat_id

    async def tell(self, connection: Connection, key: str, detail: str) -> None:
        """`key` names the trouble; the same detail for the same trouble is told once."""
        since = await connection.fetchval(
            """
            INSERT INTO alerts AS known (key, detail) VALUES ($1, $2)
            ON CONFLICT (key) DO UPDATE SET detail = $2, since = now() WHERE known.detail <> $2
            RETURNING since
            """,
            key,
            detail,
        )
        if since is not None:
            await self._say(connection, f"{key}:{since.timestamp()}", f"⚠️ {escape(detail)}")

    async def clear(self, connection: Connection, key: str) -> None:
        """The trouble is over, if there was one."""
        row = await connection.fetchrow("DELETE FROM alerts WHERE key = $1 RETURNING *", key)
        if row is not None:
            detail = f"✅ Over: {escape(row['detail'])}"
            await self._say(connection, f"{key}:{row['since'].timestamp()}:over", detail)

    async def _say(self, connection: Connection, key: str, html: str) -> None:
        if self._admin_chat_id is None:
            return
        message = OutgoingMessage(
            key=f"alert:{key}",
            chat_id=self._admin_chat_id,
            method="sendMessage",
            parameters={"chat_id": self._admin_chat_id, "text": html, "parse_mode": "HTML"},
            priority=Priority.ALERT,
        )
        await outbox.enqueue(connection, [message])
