"""what the model says of the texts of pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "page_judgements",
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column(
            "judged_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("story_id", name="pk_page_judgements"),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["stories.id"],
            name="fk_page_judgements_story_id",
            ondelete="CASCADE",
        ),
        if_not_exists=True,
    )
    op.create_index(
        "ix_page_judgements_judged_at", "page_judgements", ["judged_at"], if_not_exists=True
    )
