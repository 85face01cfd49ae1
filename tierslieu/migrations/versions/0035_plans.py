"""plans of people, and what the team keeps for them: aims, checklists of diplomas

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aim_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("retired_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aim_choice")),
        sa.UniqueConstraint("label", name=op.f("uq_aim_choice_label")),
    )
    op.create_table(
        "checklist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("verified_by_id", sa.Uuid(), nullable=True),
        sa.Column("retired_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["verified_by_id"],
            ["user_account.id"],
            name=op.f("fk_checklist_verified_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist")),
        sa.UniqueConstraint("key", name=op.f("uq_checklist_key")),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "agreed",
                "done",
                name="planstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("aims", sa.JSON(), nullable=False),
        sa.Column("own_aim", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("shared_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("asked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("close_word", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'done') = (closed_at IS NOT NULL)", name=op.f("ck_plan_closed")
        ),
        sa.CheckConstraint("asked_at IS NULL OR shared_at IS NOT NULL", name=op.f("ck_plan_asked")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_plan_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
    )
    with op.batch_alter_table("plan") as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_changed_at"), ["changed_at"], unique=False)
        batch_op.create_index("ix_plan_own", ["user_id", "created_at"], unique=False)
        batch_op.create_index(
            "uq_plan_open",
            ["user_id"],
            unique=True,
            sqlite_where=sa.text("state != 'done'"),
            postgresql_where=sa.text("state != 'done'"),
        )

    op.create_table(
        "checklist_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("month", sa.Integer(), nullable=True),
        sa.Column("day", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(month IS NULL) = (day IS NULL)", name=op.f("ck_checklist_item_yearly")
        ),
        sa.CheckConstraint("due IS NULL OR month IS NULL", name=op.f("ck_checklist_item_deadline")),
        sa.CheckConstraint(
            "month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31",
            name=op.f("ck_checklist_item_calendar"),
        ),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["checklist.id"],
            name=op.f("fk_checklist_item_checklist_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_item")),
    )
    with op.batch_alter_table("checklist_item") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_checklist_item_checklist_id"), ["checklist_id"], unique=False
        )

    op.create_table(
        "plan_agreement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("asked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("agreed_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreed_by_id"],
            ["user_account.id"],
            name=op.f("fk_plan_agreement_agreed_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_agreement_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_agreement")),
        sa.UniqueConstraint("plan_id", "number", name=op.f("uq_plan_agreement_plan_id_number")),
    )
    with op.batch_alter_table("plan_agreement") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_agreement_agreed_by_id"), ["agreed_by_id"], unique=False
        )

    op.create_table(
        "plan_checklist",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("added_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checklist_id"], ["checklist.id"], name=op.f("fk_plan_checklist_checklist_id")
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_checklist_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_checklist")),
        sa.UniqueConstraint(
            "plan_id", "checklist_id", name=op.f("uq_plan_checklist_plan_id_checklist_id")
        ),
    )
    with op.batch_alter_table("plan_checklist") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_checklist_checklist_id"), ["checklist_id"], unique=False
        )

    op.create_table(
        "plan_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "turn",
            sa.Enum(
                "begun",
                "shared",
                "withdrawn",
                "proposed",
                "asked",
                "agreed",
                "reopened",
                "done",
                name="planturn",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_plan_event_actor_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_event_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_event")),
    )
    with op.batch_alter_table("plan_event") as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_event_plan_id"), ["plan_id"], unique=False)

    op.create_table(
        "plan_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("plan_id", sa.Uuid(), nullable=False),
        sa.Column("checklist_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("advice", sa.String(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("dated_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("done_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column(
            "target",
            sa.Enum(
                "path",
                "step",
                "sessions",
                "appointment",
                name="steptarget",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(due IS NULL) = (dated_at IS NULL)", name=op.f("ck_plan_step_dated")),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointment.id"],
            name=op.f("fk_plan_step_appointment_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["checklist_id"],
            ["plan_checklist.id"],
            name=op.f("fk_plan_step_checklist_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_plan_step_path_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["plan.id"], name=op.f("fk_plan_step_plan_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_step")),
    )
    with op.batch_alter_table("plan_step") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_step_appointment_id"), ["appointment_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_step_checklist_id"), ["checklist_id"], unique=False
        )
        batch_op.create_index("ix_plan_step_due", ["due", "done_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_step_path_id"), ["path_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_step_plan_id"), ["plan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("plan_step") as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_step_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_step_path_id"))
        batch_op.drop_index("ix_plan_step_due")
        batch_op.drop_index(batch_op.f("ix_plan_step_checklist_id"))
        batch_op.drop_index(batch_op.f("ix_plan_step_appointment_id"))

    op.drop_table("plan_step")
    with op.batch_alter_table("plan_event") as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_event_plan_id"))
        batch_op.drop_index(batch_op.f("ix_plan_event_actor_id"))

    op.drop_table("plan_event")
    with op.batch_alter_table("plan_checklist") as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_checklist_checklist_id"))

    op.drop_table("plan_checklist")
    with op.batch_alter_table("plan_agreement") as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_agreement_agreed_by_id"))

    op.drop_table("plan_agreement")
    with op.batch_alter_table("checklist_item") as batch_op:
        batch_op.drop_index(batch_op.f("ix_checklist_item_checklist_id"))

    op.drop_table("checklist_item")
    with op.batch_alter_table("plan") as batch_op:
        batch_op.drop_index(
            "uq_plan_open",
            sqlite_where=sa.text("state != 'done'"),
            postgresql_where=sa.text("state != 'done'"),
        )
        batch_op.drop_index("ix_plan_own")
        batch_op.drop_index(batch_op.f("ix_plan_changed_at"))

    op.drop_table("plan")
    op.drop_table("checklist")
    op.drop_table("aim_choice")
