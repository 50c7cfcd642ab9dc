"""the pictures of pages, and the readers who want them."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Constant defaults and columns without one change the catalogue only.
    op.execute(
        "ALTER TABLE readers ADD COLUMN IF NOT EXISTS pictures BOOLEAN NOT NULL DEFAULT FALSE"
    )
    op.execute("ALTER TABLE stories ADD COLUMN IF NOT EXISTS article_picture TEXT")
