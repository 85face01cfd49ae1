"""intensive weeks: programme, stay, applications, needs kept apart

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boarding_house",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boarding_house")),
        sa.UniqueConstraint("name", name=op.f("uq_boarding_house_name")),
    )
    op.create_table(
        "boarding_room",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("house_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("is_step_free", sa.Boolean(), nullable=False),
        sa.CheckConstraint("beds > 0", name=op.f("ck_boarding_room_beds")),
        sa.ForeignKeyConstraint(
            ["house_id"],
            ["boarding_house.id"],
            name=op.f("fk_boarding_room_house_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boarding_room")),
        sa.UniqueConstraint("house_id", "name", name=op.f("uq_boarding_room_house_id_name")),
    )
    op.create_table(
        "week",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("quotas_until", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("opens_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("closes_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("cutoff_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("house_id", sa.Uuid(), nullable=True),
        sa.Column("nights_from", sa.Date(), nullable=True),
        sa.Column("nights_until", sa.Date(), nullable=True),
        sa.Column("needs_days", sa.Integer(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("plan_url", sa.String(), nullable=False),
        sa.Column("contacts", sa.String(), nullable=False),
        sa.Column("bring", sa.String(), nullable=False),
        sa.Column("published_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(nights_from IS NULL) = (house_id IS NULL) AND (nights_from IS NULL) = (nights_until IS NULL) AND (nights_from IS NULL OR nights_from < nights_until)",
            name=op.f("ck_week_nights"),
        ),
        sa.CheckConstraint("accepted >= 0 AND accepted <= places", name=op.f("ck_week_accepted")),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_week_days")),
        sa.CheckConstraint("needs_days > 0", name=op.f("ck_week_needs_days")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_week_window")),
        sa.CheckConstraint("places > 0", name=op.f("ck_week_places")),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_week_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["house_id"], ["boarding_house.id"], name=op.f("fk_week_house_id")),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_week_path_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week")),
    )
    op.create_index(op.f("ix_week_first_day"), "week", ["first_day"])

    op.create_table(
        "boarding_sheet",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("made_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_boarding_sheet_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boarding_sheet")),
        sa.UniqueConstraint("week_id", "number", name=op.f("uq_boarding_sheet_week_id_number")),
    )
    op.create_table(
        "room_night",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("beds", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= beds", name=op.f("ck_room_night_taken")),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["boarding_room.id"],
            name=op.f("fk_room_night_room_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("room_id", "night", name=op.f("pk_room_night")),
    )
    op.create_table(
        "week_application",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "submitted",
                "to_complete",
                "accepted",
                "waiting",
                "declined",
                "withdrawn",
                name="applicationstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "teacher",
                "career_changer",
                "graduate_or_vae",
                "anybody",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("motivation", sa.String(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column(
            "sharing",
            sa.Enum(
                "alone",
                "anybody",
                "somebody",
                name="sharing",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("wish", sa.String(), nullable=False),
        sa.Column("submitted_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("waiting_since", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(sharing = 'somebody') = (wish <> '')", name=op.f("ck_week_application_wish")
        ),
        sa.CheckConstraint(
            "(state = 'waiting') = (waiting_since IS NOT NULL)",
            name=op.f("ck_week_application_waiting"),
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_week_application_path_id")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_week_application_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["week_id"], ["week.id"], name=op.f("fk_week_application_week_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_week_application")),
        sa.UniqueConstraint("week_id", "user_id", name=op.f("uq_week_application_week_id_user_id")),
    )
    op.create_index(
        op.f("ix_week_application_state"), "week_application", ["week_id", "state", "submitted_at"]
    )
    op.create_index(op.f("ix_week_application_user_id"), "week_application", ["user_id"])

    op.create_table(
        "week_meal",
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "meal",
            sa.Enum(
                "breakfast",
                "lunch",
                "dinner",
                name="meal",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_week_meal_taken")),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_week_meal_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("week_id", "day", "meal", name=op.f("pk_week_meal")),
    )
    op.create_table(
        "week_quota",
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "teacher",
                "career_changer",
                "graduate_or_vae",
                "anybody",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_week_quota_places")),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_week_quota_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("week_id", "audience", name=op.f("pk_week_quota")),
    )
    op.create_table(
        "week_team",
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_week_team_user_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_week_team_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("week_id", "user_id", name=op.f("pk_week_team")),
    )
    op.create_table(
        "application_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "from_state",
            sa.Enum(
                "submitted",
                "to_complete",
                "accepted",
                "waiting",
                "declined",
                "withdrawn",
                name="from_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_state",
            sa.Enum(
                "submitted",
                "to_complete",
                "accepted",
                "waiting",
                "declined",
                "withdrawn",
                name="to_state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_application_event_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["user_account.id"],
            name=op.f("fk_application_event_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_event")),
    )
    op.create_index(
        op.f("ix_application_event_application_id"), "application_event", ["application_id"]
    )

    op.create_table(
        "needs_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_needs_reading_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_needs_reading_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_needs_reading")),
    )
    op.create_index(op.f("ix_needs_reading_application_id"), "needs_reading", ["application_id"])

    op.create_table(
        "stay_meal",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "meal",
            sa.Enum(
                "breakfast",
                "lunch",
                "dinner",
                name="meal",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_taken", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_stay_meal_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "day", "meal", name=op.f("pk_stay_meal")),
    )
    op.create_table(
        "stay_needs",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column(
            "diet",
            sa.Enum(
                "vegetarian",
                "vegan",
                "no_pork",
                name="diet",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("allergies", sa.JSON(), nullable=False),
        sa.Column("other_allergy", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("consented_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_stay_needs_application_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_stay_needs")),
    )
    op.create_table(
        "stay_night",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_stay_night_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["room_id", "night"],
            ["room_night.room_id", "room_night.night"],
            name=op.f("fk_stay_night_room_id_night"),
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["boarding_room.id"], name=op.f("fk_stay_night_room_id")
        ),
        sa.PrimaryKeyConstraint("application_id", "night", name=op.f("pk_stay_night")),
    )
    op.create_index(op.f("ix_stay_night_room"), "stay_night", ["room_id", "night"])

    op.create_table(
        "week_step",
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column(
            "moment",
            sa.Enum(
                "before",
                "after",
                name="moment",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_week_step_step_id")),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_week_step_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("week_id", "step_id", name=op.f("pk_week_step")),
    )
    op.create_table(
        "week_session",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("week_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["learning_session.id"],
            name=op.f("fk_week_session_session_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["week_id"], ["week.id"], name=op.f("fk_week_session_week_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_week_session")),
    )
    op.create_index(op.f("ix_week_session_week_id"), "week_session", ["week_id"])

    op.create_table(
        "application_seat",
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["week_application.id"],
            name=op.f("fk_application_seat_application_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["booking_id"],
            ["booking.id"],
            name=op.f("fk_application_seat_booking_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("application_id", "booking_id", name=op.f("pk_application_seat")),
    )
    op.create_index(op.f("ix_application_seat_booking_id"), "application_seat", ["booking_id"])


def downgrade() -> None:
    for table in (
        "application_seat",
        "week_session",
        "week_step",
        "stay_night",
        "stay_needs",
        "stay_meal",
        "needs_reading",
        "application_event",
        "week_team",
        "week_quota",
        "week_meal",
        "week_application",
        "room_night",
        "boarding_sheet",
        "week",
        "boarding_room",
        "boarding_house",
    ):
        op.drop_table(table)
