"""what programs send for the roll is known again by its nonce

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attendance_record",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("noted_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["learning_session.id"],
            name=op.f("fk_attendance_record_session_id"),
        ),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_attendance_record_attendance_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", "nonce", name=op.f("pk_attendance_record")),
    )
    op.create_index(
        op.f("ix_attendance_record_attendance_id"), "attendance_record", ["attendance_id"]
    )


def downgrade() -> None:
    op.drop_table("attendance_record")
