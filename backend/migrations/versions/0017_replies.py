"""replies to what readers have posted on Hacker News."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

phase = "expand"

_Timestamp = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "hn_users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("after_id", sa.BigInteger()),
        sa.Column("closed_id", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.Column("unknown", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        sa.Column("due_at", _Timestamp, nullable=False, server_default=sa.func.now()),
        sa.Column("claimed_until", _Timestamp),
        sa.PrimaryKeyConstraint("name", name="pk_hn_users"),
        if_not_exists=True,
    )
    op.create_index("ix_hn_users_due_at", "hn_users", ["due_at"], if_not_exists=True)
    op.create_table(
        "hn_replies",
        sa.Column("comment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("author", sa.Text()),
        sa.Column("about", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("posted_at", _Timestamp),
        sa.Column("found_at", _Timestamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("comment_id", name="pk_hn_replies"),
        sa.ForeignKeyConstraint(
            ["name"], ["hn_users.name"], name="fk_hn_replies_name_hn_users", ondelete="CASCADE"
        ),
        if_not_exists=True,
    )
    op.create_index("ix_hn_replies_name", "hn_replies", ["name"], if_not_exists=True)
    op.create_index("ix_hn_replies_found_at", "hn_replies", ["found_at"], if_not_exists=True)
    op.create_table(
        "hn_names",
        sa.Column("chat_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", _Timestamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("chat_id", name="pk_hn_names"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["readers.chat_id"],
            name="fk_hn_names_chat_id_readers",
            ondelete="CASCADE",
        ),
        if_not_exists=True,
    )
    op.create_index("ix_hn_names_name", "hn_names", ["name"], if_not_exists=True)
    op.create_table(
        "told_replies",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.BigInteger(), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("told_at", _Timestamp, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("chat_id", "comment_id", name="pk_told_replies"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["readers.chat_id"],
            name="fk_told_replies_chat_id_readers",
            ondelete="CASCADE",
        ),
        if_not_exists=True,
    )
    op.create_index("ix_told_replies_told_at", "told_replies", ["told_at"], if_not_exists=True)
