"""appointments with facilitators, and notes on who is followed

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=True),
        sa.Column("timezone", sa.String(), nullable=False),
        sa.Column("starts_local", tierslieu.base.WallTime(), nullable=False),
        sa.Column("ends_local", tierslieu.base.WallTime(), nullable=False),
        sa.Column("starts_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("online_link", sa.String(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("close_word", sa.String(), nullable=False),
        sa.CheckConstraint("online = (online_link <> '')", name=op.f("ck_appointment_slot_link")),
        sa.CheckConstraint("on_site OR online OR by_phone", name=op.f("ck_appointment_slot_mode")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_appointment_slot_order")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["user_account.id"],
            name=op.f("fk_appointment_slot_facilitator_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_appointment_slot_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_slot")),
    )
    with op.batch_alter_table("appointment_slot") as batch_op:
        batch_op.create_index(
            "ix_appointment_slot_own", ["facilitator_id", "starts_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_appointment_slot_starts_at"), ["starts_at"], unique=False
        )

    if op.get_bind().dialect.name == "postgresql":
        key = "uuid_hash_extended(facilitator_id, 0)"
        op.execute(
            "ALTER TABLE appointment_slot ADD CONSTRAINT slot_once EXCLUDE USING gist ("
            f"int8range({key}, {key}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
            "WHERE (facilitator_id IS NOT NULL AND closed_at IS NULL)"
        )

    op.create_table(
        "appointment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "onsite",
                "online",
                "phone",
                name="appointmentmode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "booked",
                "cancelled",
                "held",
                "excused",
                "absent",
                name="appointmentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "path",
                "stuck",
                "project",
                "diploma",
                "other",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("tap", sa.String(), nullable=False),
        sa.Column("booked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("moved_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)",
            name=op.f("ck_appointment_cancelled"),
        ),
        sa.CheckConstraint("phone = '' OR mode = 'phone'", name=op.f("ck_appointment_phone")),
        sa.ForeignKeyConstraint(
            ["cancelled_by_id"],
            ["user_account.id"],
            name=op.f("fk_appointment_cancelled_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["appointment_slot.id"], name=op.f("fk_appointment_slot_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_appointment_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment")),
        sa.UniqueConstraint("tap", name=op.f("uq_appointment_tap")),
    )
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.create_index("ix_appointment_own", ["user_id", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_appointment_slot_id"), ["slot_id"], unique=False)
        batch_op.create_index(
            "uq_appointment_standing",
            ["slot_id"],
            unique=True,
            sqlite_where=sa.text("state != 'cancelled'"),
            postgresql_where=sa.text("state != 'cancelled'"),
        )

    op.create_table(
        "follow_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column(
            "level",
            sa.Enum(
                "author",
                "team",
                "shared",
                name="notelevel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("written_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("edited_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("shared_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["about_id"],
            ["user_account.id"],
            name=op.f("fk_follow_note_about_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_follow_note_appointment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_follow_note_author_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_note")),
    )
    with op.batch_alter_table("follow_note") as batch_op:
        batch_op.create_index("ix_follow_note_about", ["about_id", "written_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_follow_note_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_follow_note_author_id"), ["author_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("follow_note") as batch_op:
        batch_op.drop_index(batch_op.f("ix_follow_note_author_id"))
        batch_op.drop_index(batch_op.f("ix_follow_note_appointment_id"))
        batch_op.drop_index("ix_follow_note_about")

    op.drop_table("follow_note")
    with op.batch_alter_table("appointment") as batch_op:
        batch_op.drop_index(
            "uq_appointment_standing",
            sqlite_where=sa.text("state != 'cancelled'"),
            postgresql_where=sa.text("state != 'cancelled'"),
        )
        batch_op.drop_index(batch_op.f("ix_appointment_slot_id"))
        batch_op.drop_index("ix_appointment_own")

    op.drop_table("appointment")
    with op.batch_alter_table("appointment_slot") as batch_op:
        batch_op.drop_index(batch_op.f("ix_appointment_slot_starts_at"))
        batch_op.drop_index("ix_appointment_slot_own")

    op.drop_table("appointment_slot")
