"""cohorts: those who follow a path together

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cohort",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("facilitator_id", sa.Uuid(), nullable=True),
        sa.Column("forum_url", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_cohort_order")),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_cohort_path_id")),
        sa.ForeignKeyConstraint(
            ["facilitator_id"],
            ["user_account.id"],
            name=op.f("fk_cohort_facilitator_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort")),
    )
    op.create_index(op.f("ix_cohort_path_id"), "cohort", ["path_id"])
    with op.batch_alter_table("enrolment") as batch:
        batch.add_column(sa.Column("cohort_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_enrolment_cohort_id"), "cohort", ["cohort_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index(batch.f("ix_enrolment_cohort_id"), ["cohort_id"])


def downgrade() -> None:
    with op.batch_alter_table("enrolment") as batch:
        batch.drop_index(batch.f("ix_enrolment_cohort_id"))
        batch.drop_constraint(batch.f("fk_enrolment_cohort_id"), type_="foreignkey")
        batch.drop_column("cohort_id")
    op.drop_table("cohort")
