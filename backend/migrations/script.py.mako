"""${message}."""

from __future__ import annotations

from alembic import op
import sqlalchemy as sa
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None

# "expand" adds what the new code needs while the old code still runs; "contract" removes what no
# running code needs any more. One release holds migrations of one kind only.
phase = "expand"


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
