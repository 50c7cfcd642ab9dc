"""fingerprints of articles' texts, and the comments quoted in discussions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # The migration may be repeated if it stopped before the index was built.
    op.execute("ALTER TABLE stories ADD COLUMN IF NOT EXISTS article_fingerprint BIGINT")
    op.execute(
        "ALTER TABLE discussions ADD COLUMN IF NOT EXISTS voices JSONB DEFAULT '[]'::jsonb NOT NULL"
    )
    # The previous release shows an unknown reason as "it could not be read".
    op.execute("UPDATE stories SET article_reason = 'consent' WHERE article_reason = 'cookie_wall'")
    with op.get_context().autocommit_block():
        op.drop_index("ix_stories_fingerprint", if_exists=True, postgresql_concurrently=True)
        op.create_index(
            "ix_stories_fingerprint",
            "stories",
            ["article_fingerprint"],
            postgresql_where=sa.text("article_fingerprint IS NOT NULL"),
            postgresql_concurrently=True,
        )
