"""a week that is called off, and why; its half-days that go with it

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
    with op.batch_alter_table("week_session") as batch_op:
        batch_op.add_column(
            sa.Column("is_own", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    # Until now, what one comes to by the week alone is on invitation.
    op.execute(
        "UPDATE week_session SET is_own = TRUE WHERE session_id IN"
        " (SELECT id FROM learning_session WHERE admission = 'code')"
    )
    with op.batch_alter_table("week_session") as batch_op:
        batch_op.alter_column("is_own", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("week_session") as batch_op:
        batch_op.drop_column("is_own")
    with op.batch_alter_table("week") as batch_op:
        batch_op.drop_column("cancel_reason")
        batch_op.drop_column("cancelled_at")
