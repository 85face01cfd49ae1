"""sessions that repeat belong to a series

Revision ID: 0017
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0017"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "session_series",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_session_series_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_series")),
    )
    with op.batch_alter_table("learning_session") as batch:
        batch.add_column(sa.Column("series_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_learning_session_series_id"),
            "session_series",
            ["series_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.create_index(op.f("ix_learning_session_series_id"), "learning_session", ["series_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_learning_session_series_id"), table_name="learning_session")
    with op.batch_alter_table("learning_session") as batch:
        batch.drop_constraint(op.f("fk_learning_session_series_id"), type_="foreignkey")
        batch.drop_column("series_id")
    op.drop_table("session_series")
