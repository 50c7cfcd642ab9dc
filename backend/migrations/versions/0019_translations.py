"""translations of summaries, and the language in which a reader wants them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Adding a column without a default locks the table only while the catalogue is changed.
    op.execute("ALTER TABLE readers ADD COLUMN IF NOT EXISTS summary_language TEXT")
    op.create_table(
        "translations",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="pending"),
        sa.Column("originals", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("texts", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")),
        sa.Column("model", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("claimed_until", sa.DateTime(timezone=True)),
        sa.Column("made_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("story_id", "part", "language", name="pk_translations"),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["stories.id"],
            name="fk_translations_story_id",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("state IN ('pending', 'ready')", name="ck_translations_state"),
        if_not_exists=True,
    )
