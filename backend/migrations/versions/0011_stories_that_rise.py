"""when a story last rose, and when it was last on the front page.

Adding three columns without defaults locks the table for milliseconds. The index is built
concurrently.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # The migration may be repeated if it stopped before the index was built.
    op.execute(
        """
        ALTER TABLE stories
            ADD COLUMN IF NOT EXISTS risen_at TIMESTAMP WITH TIME ZONE,
            ADD COLUMN IF NOT EXISTS risen_points INTEGER,
            ADD COLUMN IF NOT EXISTS front_page_at TIMESTAMP WITH TIME ZONE
        """
    )
    with op.get_context().autocommit_block():
        op.drop_index("ix_stories_lively_since", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_stories_lively_since",
            "stories",
            [sa.text("coalesce(risen_at, first_seen_at)")],
            postgresql_concurrently=True,
        )
