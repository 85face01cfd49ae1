"""somebody's own seats are found, and counted, in an index alone

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

from alembic import op


revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("booking") as batch_op:
        batch_op.create_index("ix_booking_own", ["user_id", "status", "session_id"])
        batch_op.drop_index("ix_booking_user_id")


def downgrade() -> None:
    with op.batch_alter_table("booking") as batch_op:
        batch_op.create_index("ix_booking_user_id", ["user_id"])
        batch_op.drop_index("ix_booking_own")
