"""near the start a freed seat is offered, to be confirmed

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BEFORE = ("confirmed", "waiting", "cancelled")
AFTER = ("confirmed", "offered", "waiting", "cancelled")
_OFFERED = sa.text("status = 'offered'")


def _allow(*values: str) -> None:
    """A booking's status is one of these from now on."""
    named = ", ".join(repr(value) for value in values)
    with op.batch_alter_table("booking") as batch:
        batch.drop_constraint(op.f("ck_booking_bookingstatus"), type_="check")
        batch.create_check_constraint(op.f("ck_booking_bookingstatus"), f"status IN ({named})")


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    _allow(*AFTER)
    with op.batch_alter_table("booking") as batch:
        batch.add_column(sa.Column("offered_at", instant, nullable=True))
        batch.add_column(sa.Column("offered_until", instant, nullable=True))
        # Bookings made before have no link of their own in their mails: they sign in, as before.
        batch.add_column(sa.Column("tap", sa.String(), nullable=True))
        batch.create_unique_constraint(op.f("uq_booking_tap"), ["tap"])
        batch.create_check_constraint(
            op.f("ck_booking_offered"), "status != 'offered' OR offered_until IS NOT NULL"
        )
    op.create_index(
        "ix_booking_offered",
        "booking",
        ["offered_until"],
        sqlite_where=_OFFERED,
        postgresql_where=_OFFERED,
    )


def downgrade() -> None:
    # Who was offered a seat keeps it: nobody loses a place to a change of version.
    op.execute("UPDATE booking SET status = 'confirmed' WHERE status = 'offered'")
    op.drop_index("ix_booking_offered", table_name="booking")
    with op.batch_alter_table("booking") as batch:
        batch.drop_constraint(op.f("ck_booking_offered"), type_="check")
        batch.drop_constraint(op.f("uq_booking_tap"), type_="unique")
        batch.drop_column("tap")
        batch.drop_column("offered_until")
        batch.drop_column("offered_at")
    _allow(*BEFORE)
