"""what the place costs, year by year

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "place_cost",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("cents", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("entered_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cents > 0", name=op.f("ck_place_cost_cents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place_cost")),
        sa.UniqueConstraint("year", name=op.f("uq_place_cost_year")),
    )


def downgrade() -> None:
    op.drop_table("place_cost")
