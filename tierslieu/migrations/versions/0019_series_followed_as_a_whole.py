"""series that are followed as a whole, and the dates of them that somebody misses

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # The series of before are booked date by date, as they were.
    with op.batch_alter_table("session_series") as batch:
        batch.add_column(
            sa.Column("is_bundle", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("session_series") as batch:
        batch.alter_column("is_bundle", server_default=None)
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("left_out", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("booking") as batch:
        batch.alter_column("left_out", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("booking") as batch:
        batch.drop_column("left_out")
    with op.batch_alter_table("session_series") as batch:
        batch.drop_column("is_bundle")
