"""an index of the messages in doubt: they are few and are counted often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("ix_outbox_uncertain", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_outbox_uncertain",
            "outbox",
            ["id"],
            postgresql_where=sa.text("state = 'uncertain'"),
            postgresql_concurrently=True,
        )
