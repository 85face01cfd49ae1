"""seats kept for colleagues, who answer for themselves

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_HELD = sa.text("state = 'held'")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    states = ("held", "taken", "declined", "over", "withdrawn")
    op.create_table(
        "seat_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("mode", _enum("seatmode", "onsite", "online"), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=False),
        sa.Column("state", _enum("invitationstate", *states), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("created_at", instant, nullable=False),
        sa.Column("held_until", instant, nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.CheckConstraint(
            "(state = 'held') = (email <> '')", name=op.f("ck_seat_invitation_address")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["learning_session.id"], name=op.f("fk_seat_invitation_session_id")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["user_account.id"],
            name=op.f("fk_seat_invitation_invited_by_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_seat_invitation_secret_hash")),
    )
    op.create_index(op.f("ix_seat_invitation_session_id"), "seat_invitation", ["session_id"])
    op.create_index(op.f("ix_seat_invitation_invited_by_id"), "seat_invitation", ["invited_by_id"])
    for name, columns, is_unique in (
        ("uq_seat_invitation_held", ["session_id", "email"], True),
        ("ix_seat_invitation_over", ["held_until"], False),
    ):
        op.create_index(
            name,
            "seat_invitation",
            columns,
            unique=is_unique,
            sqlite_where=_HELD,
            postgresql_where=_HELD,
        )


def downgrade() -> None:
    # The seats that were kept are free again.
    op.execute(
        "UPDATE seat_pool SET taken = taken - (SELECT count(*) FROM seat_invitation i "
        "WHERE i.session_id = seat_pool.session_id AND i.mode = seat_pool.mode "
        "AND i.state = 'held')"
    )
    op.drop_table("seat_invitation")
