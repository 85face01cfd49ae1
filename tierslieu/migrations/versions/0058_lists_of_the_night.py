"""lists over everybody, made at night: whom to ask after

Revision ID: 0058
Revises: 0056
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.base import UTCDateTime

revision = "0058"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nightly_list",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nightly_list")),
    )
    op.create_table(
        "attention_listed",
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("newest_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_attention_listed_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("made_at", "place", name=op.f("pk_attention_listed")),
        sa.UniqueConstraint("made_at", "user_id", name=op.f("uq_attention_listed_made_at_user_id")),
    )
    op.create_index(op.f("ix_attention_listed_user_id"), "attention_listed", ["user_id"])


def downgrade() -> None:
    op.drop_table("attention_listed")
    op.drop_table("nightly_list")
