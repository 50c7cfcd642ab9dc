"""an index for the greatest message id, and one for claims only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_outbox_account_message", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_outbox_account_message",
            "outbox",
            ["message_id"],
            postgresql_where=sa.text("message_id IS NOT NULL AND chat_id > -1000000000000"),
            postgresql_concurrently=True,
        )
        op.drop_index("ix_outbox_claimable", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_outbox_claimable",
            "outbox",
            [sa.text("(priority::integer)"), "id"],
            postgresql_where=sa.text("state = 'pending' AND NOT blocked"),
            postgresql_concurrently=True,
        )
