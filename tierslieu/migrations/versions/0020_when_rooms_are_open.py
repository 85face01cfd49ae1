"""when rooms are open, and what the team sets for the whole agenda

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A room whose hours nobody has said is open at any hour, as it was.
    with op.batch_alter_table("room") as batch:
        batch.add_column(sa.Column("opening", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("room") as batch:
        batch.alter_column("opening", server_default=None)
    op.create_table(
        "room_closure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_room_closure_order")),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_room_closure_room_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_closure")),
    )
    op.create_index(op.f("ix_room_closure_room_id"), "room_closure", ["room_id"])
    op.create_table(
        "agenda_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("school_zone", sa.String(), nullable=False),
        sa.Column("class_hours", sa.JSON(), nullable=False),
        sa.Column("refuses_closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_agenda_settings_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_settings")),
    )


def downgrade() -> None:
    op.drop_table("agenda_settings")
    op.drop_table("room_closure")
    with op.batch_alter_table("room") as batch:
        batch.drop_column("opening")
