"""the trigger of the outbox keeps its plan."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    # The app's sessions plan each statement anew, also that of the trigger, once for each finished
    # message. Without sequential scans its plan is right for an outbox of any size.
    op.execute(
        "ALTER FUNCTION unblock_next_in_outbox() SET plan_cache_mode = force_generic_plan "
        "SET enable_seqscan = off"
    )
