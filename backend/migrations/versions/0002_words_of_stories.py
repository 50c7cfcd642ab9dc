"""the words of stories, for /search."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

phase = "expand"

# As in app/digests/history.py, which is where they are used.
STORY_WORDS = (
    "(setweight(to_tsvector('english', title), 'A') || to_tsvector('english', coalesce(site, '')))"
)
SUMMARY_WORDS = "to_tsvector('english', (sentences || ' ') || topics::text)"


def upgrade() -> None:
    # While the release before goes on writing stories. What a try that was cut off leaves behind
    # is no index, and in the way.
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
