"""other addresses of stories' pages, and duplicates of stories.

It adds two tables, whose foreign keys lock `stories` for milliseconds.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS story_pages (
            story_id BIGINT NOT NULL
                CONSTRAINT fk_story_pages_story_id_stories
                REFERENCES stories (id) ON DELETE CASCADE,
            canonical_url TEXT NOT NULL,
            CONSTRAINT pk_story_pages PRIMARY KEY (story_id, canonical_url)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX IF NOT EXISTS ix_story_pages_canonical_url ON story_pages (canonical_url)
        """
    )
    op.execute(
        """
        CREATE TABLE IF NOT EXISTS same_stories (
            story_id BIGINT NOT NULL
                CONSTRAINT fk_same_stories_story_id_stories
                REFERENCES stories (id) ON DELETE CASCADE,
            target_id BIGINT NOT NULL
                CONSTRAINT fk_same_stories_target_id_stories
                REFERENCES stories (id) ON DELETE CASCADE,
            moved BOOLEAN NOT NULL DEFAULT false,
            CONSTRAINT pk_same_stories PRIMARY KEY (story_id, target_id)
        )
        """
    )
    op.execute("CREATE INDEX IF NOT EXISTS ix_same_stories_target_id ON same_stories (target_id)")
