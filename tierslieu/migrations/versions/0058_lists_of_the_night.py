"""lists over everybody, made at night: whom to ask after, for whom a badge waits

Revision ID: 0058
Revises: 0057
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.base import UTCDateTime

revision = "0058"
down_revision = "0057"
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
    op.create_table(
        "badge_waiting",
        sa.Column("made_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "ready",
                "to_judge",
                "to_renew",
                name="waitingkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_withdrawn", sa.Boolean(), nullable=False),
        sa.Column("at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["badge_class.id"],
            name=op.f("fk_badge_waiting_badge_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_badge_waiting_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("made_at", "badge_id", "user_id", name=op.f("pk_badge_waiting")),
    )
    op.create_index(op.f("ix_badge_waiting_badge_id"), "badge_waiting", ["badge_id"])
    op.create_index(op.f("ix_badge_waiting_user_id"), "badge_waiting", ["user_id"])
    op.create_index(
        "ix_badge_waiting_order",
        "badge_waiting",
        ["made_at", "badge_id", "kind", "is_withdrawn", "at", "user_id"],
    )
    op.create_index(op.f("ix_step_record_decided_at"), "step_record", ["decided_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_step_record_decided_at"), "step_record")
    op.drop_table("badge_waiting")
    op.drop_table("attention_listed")
    op.drop_table("nightly_list")
