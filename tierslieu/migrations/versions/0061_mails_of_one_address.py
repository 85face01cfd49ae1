"""the mails to one address, told by an index

Revision ID: 0061
Revises: 0060
"""

from __future__ import annotations

from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_recipient", "outbox_message", ["recipient", "created_at"])


def downgrade() -> None:
    op.drop_index("ix_outbox_recipient", "outbox_message")
