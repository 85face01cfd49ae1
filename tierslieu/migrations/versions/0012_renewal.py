"""badges that end can be renewed

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_UNIQUE = {
    "uq_award_standing": ["badge_id", "user_id"],
    "uq_award_waiting": ["badge_id", "recipient_email"],
}


def _drop_unique() -> None:
    for name in _UNIQUE:
        op.drop_index(name, table_name="award")


def _create_unique(where: str) -> None:
    for name, columns in _UNIQUE.items():
        op.create_index(
            name,
            "award",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    _drop_unique()
    with op.batch_alter_table("award") as batch:
        batch.add_column(sa.Column("renewed_at", instant, nullable=True))
        batch.add_column(sa.Column("renews_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("end_told_at", instant, nullable=True))
        batch.create_foreign_key(op.f("fk_award_renews_id"), "award", ["renews_id"], ["id"])
    op.create_index(op.f("ix_award_renews_id"), "award", ["renews_id"])
    _create_unique("revoked_at IS NULL AND renewed_at IS NULL")


def downgrade() -> None:
    # Fails where a badge was renewed: two awards that stand were never allowed before.
    _drop_unique()
    op.drop_index(op.f("ix_award_renews_id"), table_name="award")
    with op.batch_alter_table("award") as batch:
        batch.drop_constraint(op.f("fk_award_renews_id"), type_="foreignkey")
        batch.drop_column("end_told_at")
        batch.drop_column("renews_id")
        batch.drop_column("renewed_at")
    _create_unique("revoked_at IS NULL")
