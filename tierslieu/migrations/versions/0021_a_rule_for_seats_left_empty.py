"""a rule for seats left empty without a word, and whom it limits

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    op.create_table(
        "missed_rule",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("set_at", instant, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_missed_rule_one")),
        sa.CheckConstraint(
            "times > 1 AND months > 0 AND most > 0 AND weeks > 0",
            name=op.f("ck_missed_rule_counts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_missed_rule")),
    )
    op.create_table(
        "booking_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("lifted_at", instant, nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("since < until", name=op.f("ck_booking_limit_order")),
        sa.CheckConstraint("most > 0", name=op.f("ck_booking_limit_most")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_booking_limit_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by_id"],
            ["user_account.id"],
            name=op.f("fk_booking_limit_lifted_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_limit")),
    )
    op.create_index(op.f("ix_booking_limit_user_id"), "booking_limit", ["user_id"])
    op.create_index(op.f("ix_booking_limit_until"), "booking_limit", ["until"])


def downgrade() -> None:
    op.drop_table("booking_limit")
    op.drop_table("missed_rule")
