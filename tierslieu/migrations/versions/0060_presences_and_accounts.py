"""at which sessions somebody was, and accounts opened in a month, told by an index

Revision ID: 0060
Revises: 0059
"""

from __future__ import annotations

from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

PRESENT = "ix_attendance_user_id_presence"


def upgrade() -> None:
    op.create_index(op.f("ix_user_account_created_at"), "user_account", ["created_at"])
    op.drop_index(op.f("ix_attendance_user_id"), "attendance")  # the next one begins with it
    op.create_index(PRESENT, "attendance", ["user_id", "presence", "session_id"])


def downgrade() -> None:
    op.drop_index(PRESENT, "attendance")
    op.create_index(op.f("ix_attendance_user_id"), "attendance", ["user_id"])
    op.drop_index(op.f("ix_user_account_created_at"), "user_account")
