"""chats that temporarily refuse messages, and the forum topics of questions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

phase = "expand"


def upgrade() -> None:
    op.add_column("readers", sa.Column("refusing_since", sa.DateTime(timezone=True)))
    op.add_column("readers", sa.Column("refusing_reason", sa.Text()))
    op.add_column("questions", sa.Column("topic_id", sa.BigInteger()))
