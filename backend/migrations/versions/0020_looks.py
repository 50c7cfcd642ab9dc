"""the look of a reader's digests, and what is sent where a look is refused."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # Constant defaults and columns without one change the catalogue only.
    op.execute("ALTER TABLE readers ADD COLUMN IF NOT EXISTS look TEXT NOT NULL DEFAULT 'classic'")
    op.execute("ALTER TABLE readers ADD COLUMN IF NOT EXISTS look_offered_at TIMESTAMPTZ")
    op.execute("ALTER TABLE outbox ADD COLUMN IF NOT EXISTS fallback JSONB")
