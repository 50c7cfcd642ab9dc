"""The SQL of interests and mutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.database.connection import Connection
from app.readers.interests.corrections import Correction
from app.text.phrases import fold_phrase

READER, FEEDBACK, SENSE, ALERT = "reader", "feedback", "sense", "alert"


@dataclass(frozen=True, slots=True)
class Interest:
    """A phrase in favour of stories (weight > 0) or against them (weight < 0)."""

    phrase: str
    weight: float
    source: str  # READER: named by the reader; FEEDBACK: learned
    reason: str | None
    alert: bool


@dataclass(frozen=True, slots=True)
class Taste:
    """A reader's interests, mutes and corrections."""

    interests: tuple[Interest, ...] = ()
    muted_words: tuple[str, ...] = ()
    muted_sites: tuple[str, ...] = ()
    # Words for alerts that are not interests: they do not affect digests.
    alert_words: tuple[str, ...] = ()
    corrections: tuple[Correction, ...] = ()


async def load_tastes(connection: Connection, chat_ids: Sequence[int]) -> dict[int, Taste]:
    """The taste of each of `chat_ids`, empty if nothing is stored."""
    interests: dict[int, list[Interest]] = {chat_id: [] for chat_id in chat_ids}
    corrections: dict[int, list[Correction]] = {chat_id: [] for chat_id in chat_ids}
    alerts: dict[int, list[str]] = {chat_id: [] for chat_id in chat_ids}
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
        interest = Interest(*tuple(row)[1:])
        if interest.source == SENSE:
            corrections[row["chat_id"]].append(Correction.kept(interest.phrase))
        elif interest.source == ALERT:
            alerts[row["chat_id"]].append(interest.phrase)
        else:
            interests[row["chat_id"]].append(interest)
    for row in await connection.fetch(
        "SELECT chat_id, kind, value FROM mutes WHERE chat_id = ANY($1) ORDER BY added_at, value",
        list(chat_ids),
    ):
        (sites if row["kind"] == "site" else words)[row["chat_id"]].append(row["value"])
    return {
        chat_id: Taste(
            tuple(interests[chat_id]),
            tuple(words[chat_id]),
            tuple(sites[chat_id]),
            tuple(alerts[chat_id]),
            tuple(corrections[chat_id]),
        )
        for chat_id in chat_ids
    }


async def add_interests(connection: Connection, chat_id: int, phrases: Sequence[str]) -> list[str]:
    """Add the phrases that the reader has not named yet, ignoring spelling: `Rust` equals `rust`.

    Returns:
        The phrases as stored.
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
    """Remove an interest that the reader named. Returns whether it existed."""
    status = await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND phrase = $2 AND source = 'reader'",
        chat_id,
        phrase,
    )
    return status != "DELETE 0"


async def set_alert(connection: Connection, chat_id: int, phrase: str, *, alert: bool) -> bool:
    """Turn alerts for an interest on or off. Returns whether the interest exists."""
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


async def add_alerts(connection: Connection, chat_id: int, phrases: Sequence[str]) -> None:
    """Tell at once of stories with these words: the interests among them keep their names, the
    others become words for alerts and nothing else.
    """
    rows = await connection.fetch(
        "SELECT phrase, source FROM interests WHERE chat_id = $1 AND source IN ('reader', 'alert')",
        chat_id,
    )
    named = {fold_phrase(row["phrase"]): row["phrase"] for row in rows if row["source"] == READER}
    known = named | {fold_phrase(row["phrase"]): row["phrase"] for row in rows}
    wanted = {fold_phrase(phrase): phrase for phrase in reversed(phrases)}
    await connection.execute(
        """
        UPDATE interests SET alert = TRUE
        WHERE chat_id = $1 AND phrase = ANY($2) AND source = 'reader'
        """,
        chat_id,
        [named[folded] for folded in wanted if folded in named],
    )
    await connection.execute(
        """
        INSERT INTO interests (chat_id, phrase, source, alert)
        SELECT $1, unnest($2::text[]), 'alert', TRUE
        ON CONFLICT DO NOTHING
        """,
        chat_id,
        [phrase for folded, phrase in wanted.items() if folded not in known],
    )


async def remove_alert(connection: Connection, chat_id: int, phrase: str) -> bool:
    """Remove a word for alerts that is not an interest. Returns whether it existed."""
    status = await connection.execute(
        "DELETE FROM interests WHERE chat_id = $1 AND phrase = $2 AND source = 'alert'",
        chat_id,
        phrase,
    )
    return status != "DELETE 0"


async def mute(connection: Connection, chat_id: int, mutes: Sequence[tuple[str, str]]) -> None:
    """Mute words and sites; a mute is its kind, `word` or `site`, and its value."""
    await connection.execute(
        """
        INSERT INTO mutes (chat_id, kind, value) SELECT $1, * FROM unnest($2::text[], $3::text[])
        ON CONFLICT DO NOTHING
        """,
        chat_id,
        [kind for kind, _ in mutes],
        [value for _, value in mutes],
    )


async def unmute(connection: Connection, chat_id: int, values: Sequence[str]) -> bool:
    """Remove mutes. Returns whether any of the values was muted."""
    status = await connection.execute(
        "DELETE FROM mutes WHERE chat_id = $1 AND value = ANY($2)", chat_id, list(values)
    )
    return status != "DELETE 0"
