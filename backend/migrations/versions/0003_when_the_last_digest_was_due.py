"""when the last digest was due, for readers who change their time zone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.add_column("readers", sa.Column("last_digest_due_at", sa.DateTime(timezone=True)))
