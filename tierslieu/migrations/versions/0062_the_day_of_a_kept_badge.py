"""the day a kept badge was given, as a day: it had been words of one language

Revision ID: 0062
Revises: 0061
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
ENGLISH = "January February March April May June July August September October November December"
MONTHS = {
    name: number
    for names in (FRENCH, ENGLISH)
    for number, name in enumerate(names.split(), start=1)
}


def upgrade() -> None:
    op.add_column("kept_badge", sa.Column("issued_day", sa.Date(), nullable=True))
    kept = sa.table(
        "kept_badge",
        sa.column("id", sa.Uuid()),
        sa.column("issued_on", sa.String()),
        sa.column("issued_day", sa.Date()),
    )
    bind = op.get_bind()
    for row in bind.execute(sa.select(kept.c.id, kept.c.issued_on)).all():
        found = _day(row.issued_on)
        if found is not None:
            bind.execute(sa.update(kept).where(kept.c.id == row.id).values(issued_day=found))
    with op.batch_alter_table("kept_badge") as batch_op:
        batch_op.drop_column("issued_on")


def downgrade() -> None:
    empty = sa.Column("issued_on", sa.String(), nullable=False, server_default="")
    op.add_column("kept_badge", empty)
    with op.batch_alter_table("kept_badge") as batch_op:
        batch_op.alter_column("issued_on", server_default=None)
        batch_op.drop_column("issued_day")


def _day(words: str) -> date | None:
    """``26 novembre 2026``, ``1er mai 2026``, ``26 November 2026``: what the house wrote."""
    try:
        day, month, year = words.split()
        return date(int(year), MONTHS[month], int(day.removesuffix("er")))
    except (ValueError, KeyError):  # it said none
        return None
