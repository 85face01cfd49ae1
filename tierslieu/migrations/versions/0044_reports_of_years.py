"""reports of years, published once with their figures

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "yearly_report",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("obstacles", sa.String(), nullable=False),
        sa.Column("levers", sa.String(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("snapshot", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "(published_at IS NULL) = (snapshot IS NULL)", name=op.f("ck_yearly_report_published")
        ),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_yearly_report")),
    )


def downgrade() -> None:
    op.drop_table("yearly_report")
