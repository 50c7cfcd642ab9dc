"""maintenance: its state, the notices about it, and the updates that wait for its end.

The index is built concurrently and contains only pending updates.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS maintenance (
          only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
          since TIMESTAMPTZ NOT NULL DEFAULT now(),
          until TIMESTAMPTZ,
          ended_at TIMESTAMPTZ,
          set_by TEXT NOT NULL)
        """
    )
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS maintenance_notices (
          chat_id BIGINT PRIMARY KEY,
          told_at TIMESTAMPTZ NOT NULL DEFAULT now())
        """
    )
    op.execute("ALTER TABLE inbox ADD COLUMN IF NOT EXISTS held_at TIMESTAMPTZ")
    with op.get_context().autocommit_block():
        op.drop_index("ix_inbox_not_held", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_inbox_not_held",
            "inbox",
            ["update_id"],
            postgresql_where=sa.text("state = 'pending' AND held_at IS NULL"),
            postgresql_concurrently=True,
        )
