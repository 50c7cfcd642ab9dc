"""whose budget a question counts against, and the expected cost of a model call."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Adding a column without a default locks the table only while the catalogue is changed.
    op.execute("ALTER TABLE questions ADD COLUMN IF NOT EXISTS payer TEXT")
    op.execute("ALTER TABLE llm_calls ADD COLUMN IF NOT EXISTS payer TEXT")
    op.execute("ALTER TABLE llm_calls ADD COLUMN IF NOT EXISTS expected_usd NUMERIC(12, 6)")
    op.create_table(
        "question_counts",
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("payer", name="pk_question_counts"),
        if_not_exists=True,
    )
