"""stories that readers follow."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.create_table(
        "followed_stories",
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "followed_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("comment_count", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("told_in", sa.BigInteger()),
        sa.PrimaryKeyConstraint("chat_id", "story_id", name="pk_followed_stories"),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["readers.chat_id"],
            name="fk_followed_stories_chat_id_readers",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"],
            ["stories.id"],
            name="fk_followed_stories_story_id_stories",
            ondelete="CASCADE",
        ),
        if_not_exists=True,
    )
    op.create_index(
        "ix_followed_stories_story_id", "followed_stories", ["story_id"], if_not_exists=True
    )
    op.create_index(
        "ix_followed_stories_followed_at", "followed_stories", ["followed_at"], if_not_exists=True
    )
