"""SQL on what readers like to read about, and what they do not want to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.database.connection import Connection
from app.readers.phrases import fold_phrase

READER, FEEDBACK = "reader", "feedback"


@dataclass(frozen=True, slots=True)
class Interest:
    """A phrase that a reader likes to read about (weight > 0) or not (weight < 0)."""

    phrase: str
    weight: float
    source: str  # READER: named by the reader; FEEDBACK: learned
    reason: str | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """What decides, besides the settings, which stories a reader gets."""

    interests: tuple[Interest, ...] = ()
    muted_words: tuple[str, ...] = ()
    muted_sites: tuple[str, ...] = ()


async def load_tastes(connection: Connection, chat_ids: Sequence[int]) -> dict[int, Taste]:
    """The taste of each of `chat_ids`, empty where nothing is known."""
    interests: dict[int, list[Interest]] = {chat_id: [] for chat_id in chat_ids}
    words: dict[int, list[str]] = {chat_id: [] for chat_id in chat_ids}
    sites: dict[int, list[str]] = {chat_id: [] for chat_id in chat_ids}
    for row in await connection.fetch(
        """
        SELECT chat_id, phrase, weight::float, source, reason, alert
        FROM interests WHERE chat_id = ANY($1) AND source <> 'forgotten'
        ORDER BY added_at, phrase
        """,
        list(chat_ids),
    ):
        interests[row["chat_id"]].append(Interest(*tuple(row)[1:]))
    for row in await connection.fetch(
        "SELECT chat_id, kind, value FROM mutes WHERE chat_id = ANY($1) ORDER BY added_at, value",
        list(chat_ids),
    ):
        (sites if row["kind"] == "site" else words)[row["chat_id"]].append(row["value"])
    return {
        chat_id: Taste(tuple(interests[chat_id]), tuple(words[chat_id]), tuple(sites[chat_id]))
        for chat_id in chat_ids
    }


async def add_interests(connection: Connection, chat_id: int, phrases: Sequence[str]) -> list[str]:
    """Add what the reader has not named yet, `rust` being named by `Rust`.

    Returns:
        The phrases as they are kept.
    """
    rows = await connection.fetch(
        "SELECT phrase FROM interests WHERE chat_id = $1 AND source = 'reader'", chat_id
    )
    named = {fold_phrase(row["phrase"]): row["phrase"] for row in rows}
    kept = [named.setdefault(fold_phrase(phrase), phrase) for phrase in phrases]
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase) SELECT $1, unnest($2::text[])
        ON CONFLICT (chat_id, phrase, source) DO NOTHING
        """,
        chat_id,
        kept,
    )
    return kept


async def remove_interest(connection: Connection, chat_id: int, phrase: str) -> bool:
    """Whether there was such an interest, named by the reader."""
    status = await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND phrase = $2 AND source = 'reader'",
        chat_id,
        phrase,
    )
    return status != "DELETE 0"


async def set_alert(connection: Connection, chat_id: int, phrase: str, *, alert: bool) -> bool:
    """Whether there is such an interest, for which to tell of new stories at once or no longer."""
    status = await connection.execute(
        """
        UPDATE interests SET alert = $3
        WHERE chat_id = $1 AND phrase = $2 AND source = 'reader'
        """,
        chat_id,
        phrase,
        alert,
    )
    return status != "UPDATE 0"


async def mute(connection: Connection, chat_id: int, kind: str, value: str) -> None:
    """Never show stories with this word, or of this site; `kind` is word or site."""
    await connection.execute(
        "INSERT INTO mutes (chat_id, kind, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        chat_id,
        kind,
        value,
    )


async def unmute(connection: Connection, chat_id: int, value: str) -> bool:
    """Whether there was such a mute."""
    status = await connection.execute(
        "DELETE FROM mutes WHERE chat_id = $1 AND value = $2", chat_id, value
    )
    return status != "DELETE 0"
