"""a time of the weekly digest, for readers who want it at another time than the daily one."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # A column without a default changes the catalogue only.
    op.execute("ALTER TABLE readers ADD COLUMN IF NOT EXISTS weekly_time TIME")
