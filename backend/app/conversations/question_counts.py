"""Keys under which questions are counted, so that the count survives a person's deletion.

Rows with the person's id would go with `/delete_me`, and the count would start again. The key is
therefore a keyed hash of the person and the day: it reveals no person, and does not connect two
days of one person.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta

from app.database.aging import delete_older
from app.database.connection import Connection
from app.settings import Settings

_PURPOSE = "questions"


def counting_key(settings: Settings, kind: str, number: int, now: datetime) -> str:
    """The key under which a person's questions on a UTC day are counted.

    `kind` says what `number` identifies, such as "person" or "chat".
    """
    secret = settings.telegram_bot_token.get_secret_value().encode()
    day = now.astimezone(UTC).date().isoformat()
    return hmac.digest(secret, f"{_PURPOSE} {day} {kind} {number}".encode(), "sha256").hex()


async def counted_questions(connection: Connection, payer: str) -> int:
    """The number of questions counted under a key."""
    number: int | None = await connection.fetchval(
        "SELECT asked FROM question_counts WHERE payer = $1", payer
    )
    return number or 0


async def count_question(connection: Connection, payer: str, most: int) -> bool:
    """Count one question unless `most` are counted already. Returns whether it was counted."""
    if most < 1:
        return False
    counted = await connection.fetchval(
        """
        INSERT INTO question_counts AS counts (payer, asked) VALUES ($1, 1)
        ON CONFLICT (payer) DO UPDATE SET asked = counts.asked + 1 WHERE counts.asked < $2
        RETURNING TRUE
        """,
        payer,
        most,
    )
    return bool(counted)


async def forget_counts(connection: Connection, age: timedelta, limit: int) -> int:
    """Delete the counts of past days. Returns the number of rows."""
    return await delete_older(connection, "question_counts", "at", age, limit)
