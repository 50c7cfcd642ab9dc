"""attempts at updates, exports as files, and who added the bot to a group."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "inbox_attempts",
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("alone", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column(
            "begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox_attempts"),
    )
    op.add_column("readers", sa.Column("added_by", sa.BigInteger(), nullable=True))
    op.create_table(
        "data_exports",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column(
            "chat_id",
            sa.BigInteger(),
            sa.ForeignKey("readers.chat_id", ondelete="CASCADE", name="fk_data_exports_chat_id"),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, server_default="pending"),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column(
            "asked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_exports"),
        sa.CheckConstraint("state IN ('pending', 'made', 'failed')", name="ck_data_exports_state"),
    )
    op.create_index(
        "ix_data_exports_pending",
        "data_exports",
        ["id"],
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_data_exports_chat_id_kind_asked_at", "data_exports", ["chat_id", "kind", "asked_at"]
    )
    op.create_index("ix_data_exports_user_id", "data_exports", ["user_id"])
