"""feedback on the courses: screenshots, «moi aussi», merged duplicates, the course team's digest

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

INSTANT = tierslieu.base.UTCDateTime(timezone=True)


def upgrade() -> None:
    _widen_reports()
    _make_me_too()
    _make_digests()


def _widen_reports() -> None:
    # What was confirmed until now was not confirmed to be shown to others: nothing of it is.
    with op.batch_alter_table("course_feedback") as batch:
        batch.add_column(
            sa.Column("is_shown", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("upstream_url", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("picture_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("picture_text", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_course_feedback_picture_id"),
            "upload",
            ["picture_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_foreign_key(
            batch.f("fk_course_feedback_merged_into_id"),
            "course_feedback",
            ["merged_into_id"],
            ["id"],
        )
        batch.create_unique_constraint(batch.f("uq_course_feedback_picture_id"), ["picture_id"])
        batch.create_check_constraint(batch.f("ck_course_feedback_merged"), "merged_into_id <> id")
        batch.create_index(batch.f("ix_course_feedback_merged_into_id"), ["merged_into_id"])
    with op.batch_alter_table("course_feedback") as batch:
        batch.alter_column("is_shown", existing_type=sa.Boolean(), server_default=None)
        batch.alter_column("upstream_url", existing_type=sa.String(), server_default=None)
        batch.alter_column("picture_text", existing_type=sa.String(), server_default=None)
    with op.batch_alter_table("course_feedback_event") as batch:
        batch.add_column(sa.Column("merged_into_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_course_feedback_event_merged_into_id"),
            "course_feedback",
            ["merged_into_id"],
            ["id"],
        )
        batch.create_index(batch.f("ix_course_feedback_event_merged_into_id"), ["merged_into_id"])


def _make_me_too() -> None:
    op.create_table(
        "course_feedback_me_too",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feedback_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["course_feedback.id"],
            name=op.f("fk_course_feedback_me_too_feedback_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_course_feedback_me_too_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_feedback_me_too")),
        sa.UniqueConstraint(
            "feedback_id", "user_id", name=op.f("uq_course_feedback_me_too_feedback_id_user_id")
        ),
    )
    for column in ("feedback_id", "user_id"):
        name = op.f(f"ix_course_feedback_me_too_{column}")
        op.create_index(name, "course_feedback_me_too", [column])


def _make_digests() -> None:
    op.create_table(
        "course_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("unsubscribed_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_course_contact_path_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["user_account.id"],
            name=op.f("fk_course_contact_added_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_contact")),
        sa.UniqueConstraint("path_id", "email", name=op.f("uq_course_contact_path_id_email")),
    )
    op.create_index(op.f("ix_course_contact_email"), "course_contact", ["email"])
    op.create_table(
        "course_digest",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("reports", sa.Integer(), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_course_digest_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_digest")),
        sa.UniqueConstraint("path_id", "week", name=op.f("uq_course_digest_path_id_week")),
    )


def downgrade() -> None:
    for table in ("course_digest", "course_contact", "course_feedback_me_too"):
        op.drop_table(table)
    with op.batch_alter_table("course_feedback_event") as batch:
        batch.drop_index(batch.f("ix_course_feedback_event_merged_into_id"))
        batch.drop_constraint(batch.f("fk_course_feedback_event_merged_into_id"), "foreignkey")
        batch.drop_column("merged_into_id")
    with op.batch_alter_table("course_feedback") as batch:
        batch.drop_index(batch.f("ix_course_feedback_merged_into_id"))
        batch.drop_constraint(batch.f("ck_course_feedback_merged"), "check")
        batch.drop_constraint(batch.f("uq_course_feedback_picture_id"), "unique")
        batch.drop_constraint(batch.f("fk_course_feedback_merged_into_id"), "foreignkey")
        batch.drop_constraint(batch.f("fk_course_feedback_picture_id"), "foreignkey")
        for column in ("merged_into_id", "picture_text", "picture_id", "upstream_url", "is_shown"):
            batch.drop_column(column)
