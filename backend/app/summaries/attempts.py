"""Tables whose rows are made in attempts: due at a time, claimed, and given back with a new time.

`summaries` and `discussions` are such tables. Their rows have `state` (pending until there is
something to show), `due_at` (null: final), `claimed_until`, `attempts`, `reason` (why there is
nothing better) and `made_at` (the end of the last attempt).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.database.connection import Connection
from app.database.leases import is_free


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts of a table's rows.

    Attributes:
        table: its name.
        key: the columns of its primary key, `story_id` first.
        order: SQL to order by before the stories' own order; what readers lack comes first.
    """

    table: str
    key: tuple[str, ...]
    order: str = "state = 'ready'"

    async def renew(
        self, connection: Connection, story_ids: Sequence[int], changed: str, *, has_key: bool
    ) -> None:
        """Make final rows due again if there is something new.

        That is the case if `changed`, an SQL condition on the row and its story, is true, and once
        there is a key for what was made without one.
        """
        await connection.execute(
            f"""
            UPDATE {self.table} SET due_at = now(), attempts = 0
            FROM stories
            WHERE stories.id = story_id AND story_id = ANY($1) AND state = 'ready'
              AND due_at IS NULL AND ({changed} OR $2 AND reason = 'no_key')
            """,
            list(story_ids),
            has_key,
        )

    async def claim(
        self,
        connection: Connection,
        story_ids: Sequence[int],
        limit: int,
        lease: timedelta,
        columns: str,
    ) -> list[Any]:
        """Claim the due rows of these stories.

        Returns:
            The `columns` of the rows and their stories; `attempts` includes this one.
        """
        return await connection.fetch(
            f"""
            WITH next AS (
              SELECT {", ".join(self.key)} FROM {self.table}
              WHERE due_at <= now() AND story_id = ANY($1)
                AND {is_free()}
              ORDER BY {self.order}, array_position($1, story_id)
              LIMIT $2
              FOR UPDATE SKIP LOCKED)
            UPDATE {self.table} AS row
            SET claimed_until = now() + $3::interval, attempts = attempts + 1
            FROM next JOIN stories ON stories.id = next.story_id
            WHERE {" AND ".join(f"row.{name} = next.{name}" for name in self.key)}
            RETURNING {columns}
            """,
            list(story_ids),
            limit,
            lease,
        )

    async def end(
        self,
        connection: Connection,
        key: Sequence[object],
        reason: str | None,
        due_at: datetime | None,
        **values: object,
    ) -> None:
        """Release a row with new `values` of its columns, and the time of the next attempt."""
        columns = {"reason": reason, "due_at": due_at, **values}
        new = (f"{name} = ${number}" for number, name in enumerate(columns, len(self.key) + 1))
        same = (f"{name} = ${number}" for number, name in enumerate(self.key, 1))
        await connection.execute(
            f"""
            UPDATE {self.table} SET {", ".join(new)}, claimed_until = NULL, made_at = now()
            WHERE {" AND ".join(same)}
            """,
            *key,
            *columns.values(),
        )
