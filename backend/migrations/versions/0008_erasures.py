"""people who asked for deletion, kept until the queues hold none of their data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("person_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_erasures"),
    )
