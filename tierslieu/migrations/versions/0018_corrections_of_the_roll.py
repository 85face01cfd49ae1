"""corrections of the roll leave a trace

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

PRESENCE = ("present", "absent", "excused")
MODE = ("onsite", "online")


def _choice(name: str, *values: str) -> sa.Enum:
    """A column of one of these words, under a constraint of that name."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    # What was corrected before stays untold: only what is noted from now on is known.
    op.create_table(
        "attendance_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=False),
        sa.Column("was", _choice("was", *PRESENCE), nullable=True),
        sa.Column("became", _choice("became", *PRESENCE), nullable=False),
        sa.Column("was_mode", _choice("was_mode", *MODE), nullable=True),
        sa.Column("became_mode", _choice("became_mode", *MODE), nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attendance_id"],
            ["attendance.id"],
            name=op.f("fk_attendance_change_attendance_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["user_account.id"],
            name=op.f("fk_attendance_change_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attendance_change")),
    )
    op.create_index(
        op.f("ix_attendance_change_attendance_id"), "attendance_change", ["attendance_id"]
    )


def downgrade() -> None:
    op.drop_table("attendance_change")
