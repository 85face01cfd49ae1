"""certificates in number

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "paper_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("state", _choice("paperstate", "running", "done", "gone"), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badge_class.id"], name=op.f("fk_paper_batch_badge_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_paper_batch_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_batch")),
    )
    op.create_index(op.f("ix_paper_batch_badge_id"), "paper_batch", ["badge_id"])
    op.create_index(op.f("ix_paper_batch_created_by_id"), "paper_batch", ["created_by_id"])
    op.create_index(op.f("ix_paper_batch_state"), "paper_batch", ["state"])

    op.create_table(
        "paper_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state", _choice("paperlinestate", "waiting", "drawn", "left_out"), nullable=False
        ),
        sa.Column("carries_file", sa.Boolean(), nullable=False),
        sa.Column("leased_until", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["award_id"],
            ["award.id"],
            name=op.f("fk_paper_line_award_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["paper_batch.id"],
            name=op.f("fk_paper_line_batch_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_line")),
        sa.UniqueConstraint("batch_id", "award_id", name=op.f("uq_paper_line_batch_id_award_id")),
    )
    op.create_index("ix_paper_line_state", "paper_line", ["batch_id", "state", "position"])
    op.create_index(op.f("ix_paper_line_award_id"), "paper_line", ["award_id"])


def downgrade() -> None:
    op.drop_table("paper_line")
    op.drop_table("paper_batch")
