"""claims of messages, doubt about them, and messages blocked by earlier ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

phase = "expand"

# The states stay the same, because the previous release uses them: a `pending` message is waiting
# or claimed, a `sending` one is being sent. The previous release also finishes messages, so
# triggers unblock the next message of the chat. A message that was in doubt six times blocks no
# other.
UNBLOCK = """
    CREATE OR REPLACE FUNCTION unblock_next_in_outbox() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      UPDATE outbox SET blocked = FALSE
      WHERE blocked AND id = (
        SELECT id FROM outbox
        WHERE chat_id = OLD.chat_id AND state IN ('pending', 'sending') AND doubts < 6
        ORDER BY priority, id LIMIT 1);
      RETURN NULL;
    END $$
"""
AFTER_UPDATE = """
    CREATE OR REPLACE TRIGGER unblock_next_after_update
    AFTER UPDATE OF state, chat_id, doubts ON outbox FOR EACH ROW
    WHEN (OLD.state IN ('pending', 'sending') AND OLD.chat_id <> 0
          AND (NEW.state NOT IN ('pending', 'sending') OR NEW.chat_id <> OLD.chat_id
               OR NEW.doubts > 5))
    EXECUTE FUNCTION unblock_next_in_outbox()
"""
AFTER_DELETE = """
    CREATE OR REPLACE TRIGGER unblock_next_after_delete
    AFTER DELETE ON outbox FOR EACH ROW
    WHEN (OLD.state IN ('pending', 'sending') AND OLD.chat_id <> 0)
    EXECUTE FUNCTION unblock_next_in_outbox()
"""


def upgrade() -> None:
    op.add_column("outbox", sa.Column("claimed_by", sa.Text))
    op.add_column("outbox", sa.Column("claimed_until", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("doubt_since", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("known_message_id", sa.BigInteger))
    op.add_column(
        "outbox",
        sa.Column("blocked", sa.Boolean, server_default=sa.text("false"), nullable=False),
    )
    op.execute(UNBLOCK)
    op.execute(AFTER_UPDATE)
    op.execute(AFTER_DELETE)
    with op.get_context().autocommit_block():
        for name, columns, where in (
            ("ix_outbox_claimable", ["priority", "id"], "state = 'pending' AND NOT blocked"),
            ("ix_outbox_doubt_since", ["doubt_since"], "doubt_since IS NOT NULL"),
        ):
            op.drop_index(name, if_exists=True, postgresql_concurrently=True)
            op.create_index(
                name,
                "outbox",
                columns,
                postgresql_where=sa.text(where),
                postgresql_concurrently=True,
            )
