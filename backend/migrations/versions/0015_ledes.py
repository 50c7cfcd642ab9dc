"""two sentences about each day, and when the displayed text of a discussion was made."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Adding a column without a default locks the table only while the catalogue is changed.
    op.execute("ALTER TABLE discussions ADD COLUMN IF NOT EXISTS shown_at TIMESTAMPTZ")
    op.execute("ALTER TABLE discussions ADD COLUMN IF NOT EXISTS shown_comment_count INTEGER")
    op.create_table(
        "ledes",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="pending"),
        sa.Column("text", sa.Text()),
        sa.Column("story_ids", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("model", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("day", "language", name="pk_ledes"),
        sa.CheckConstraint("state IN ('pending', 'ready')", name="ck_ledes_state"),
        if_not_exists=True,
    )
