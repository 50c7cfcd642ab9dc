"""indexes of ready and postponed updates, and triggers for the first messages only.

The indexes are built concurrently and contain only pending updates. Creating the triggers locks
the outbox against writes for a moment.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

phase = "expand"

# As in 0007, except that a blocked message unblocks no other when it is finished: no message waits
# for it. The search for the next one took time in proportion to the number of waiting messages.
AFTER_UPDATE = """
    CREATE OR REPLACE TRIGGER unblock_next_after_update
    AFTER UPDATE OF state, chat_id, doubts ON outbox FOR EACH ROW
    WHEN (OLD.state IN ('pending', 'sending') AND OLD.chat_id <> 0 AND NOT OLD.blocked
          AND (NEW.state NOT IN ('pending', 'sending') OR NEW.chat_id <> OLD.chat_id
               OR NEW.doubts > 5))
    EXECUTE FUNCTION unblock_next_in_outbox()
"""
AFTER_DELETE = """
    CREATE OR REPLACE TRIGGER unblock_next_after_delete
    AFTER DELETE ON outbox FOR EACH ROW
    WHEN (OLD.state IN ('pending', 'sending') AND OLD.chat_id <> 0 AND NOT OLD.blocked)
    EXECUTE FUNCTION unblock_next_in_outbox()
"""


def upgrade() -> None:
    op.execute(AFTER_UPDATE)
    op.execute(AFTER_DELETE)
    with op.get_context().autocommit_block():
        for name, columns, where in (
            ("ix_inbox_ready", ["chat_id", "update_id"], "due_at <= received_at"),
            ("ix_inbox_put_off", ["due_at"], "due_at > received_at"),
        ):
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "inbox",
                columns,
                postgresql_where=sa.text(f"state = 'pending' AND {where}"),
                postgresql_concurrently=True,
            )
