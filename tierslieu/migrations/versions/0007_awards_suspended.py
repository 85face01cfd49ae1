"""badges that can be suspended, and awards that are

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("badge_class") as batch:
        batch.add_column(
            sa.Column("suspendable", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("badge_class") as batch:
        batch.alter_column("suspendable", server_default=None)
    with op.batch_alter_table("award") as batch:
        batch.add_column(
            sa.Column("suspended_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True)
        )
        batch.add_column(sa.Column("suspended_by_id", sa.Uuid(), nullable=True))
        batch.add_column(
            sa.Column("suspension_reason", sa.String(), nullable=False, server_default="")
        )
        batch.create_foreign_key(
            op.f("fk_award_suspended_by_id"),
            "user_account",
            ["suspended_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("award") as batch:
        batch.alter_column("suspension_reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("award") as batch:
        batch.drop_constraint(op.f("fk_award_suspended_by_id"), type_="foreignkey")
        batch.drop_column("suspension_reason")
        batch.drop_column("suspended_by_id")
        batch.drop_column("suspended_at")
    with op.batch_alter_table("badge_class") as batch:
        batch.drop_column("suspendable")
