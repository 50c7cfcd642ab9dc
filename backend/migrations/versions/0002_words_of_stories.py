"""full-text indexes of stories and summaries, for /search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

phase = "expand"

# The same expressions as in app/digests/history.py, which queries these indexes.
STORY_WORDS = (
    "(setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(site, '')))"
)
SUMMARY_WORDS = "to_tsvector('english', (sentences || ' ') || topics::text)"


def upgrade() -> None:
    # The previous release still writes stories, so the indexes are built concurrently. An
    # interrupted build leaves an invalid index, which must be dropped first.
    with op.get_context().autocommit_block():
        for table, words in (("stories", STORY_WORDS), ("summaries", SUMMARY_WORDS)):
            name = f"ix_{table}_words"
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                table,
                [sa.text(words)],
                postgresql_using="gin",
                postgresql_concurrently=True,
            )
