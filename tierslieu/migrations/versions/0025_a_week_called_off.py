"""a week that is called off, and why

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("week") as batch_op:
        batch_op.add_column(
            sa.Column("cancelled_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column("cancel_reason", sa.String(), nullable=False, server_default="")
        )
    with op.batch_alter_table("week") as batch_op:
        batch_op.alter_column("cancel_reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("week") as batch_op:
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("cancelled_at")
