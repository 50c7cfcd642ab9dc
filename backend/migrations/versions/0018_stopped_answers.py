"""when a reader stopped an answer that was being written."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Adding a column without a default locks the table only while the catalogue is changed.
    op.execute("ALTER TABLE questions ADD COLUMN IF NOT EXISTS stopped_at TIMESTAMPTZ")
