"""how the team answers; certificates given by their link

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

STATE = sa.Enum(
    "declared",
    "validated",
    "returned",
    name="recordstate",
    native_enum=False,
    create_constraint=True,
    length=32,
)


def upgrade() -> None:
    op.create_table(
        "answer_habits",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("has_shortcuts", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_answer_habits_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_answer_habits")),
    )
    op.create_table(
        "certificate_settings",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("fulfils", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"],
            ["path.id"],
            name=op.f("fk_certificate_settings_path_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("path_id", name=op.f("pk_certificate_settings")),
    )
    op.create_table(
        "outside_certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("state", STATE, nullable=False),
        sa.Column("given_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_outside_certificate_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_outside_certificate_decided_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_certificate")),
    )
    op.create_index(
        "uq_outside_certificate_standing",
        "outside_certificate",
        ["code"],
        unique=True,
        sqlite_where=sa.text("state != 'returned'"),
        postgresql_where=sa.text("state != 'returned'"),
    )
    op.create_index(op.f("ix_outside_certificate_user_id"), "outside_certificate", ["user_id"])
    op.create_table(
        "certificate_step",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["step_record.id"],
            name=op.f("fk_certificate_step_record_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["outside_certificate.id"],
            name=op.f("fk_certificate_step_certificate_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_certificate_step")),
    )
    op.create_index(
        op.f("ix_certificate_step_certificate_id"), "certificate_step", ["certificate_id"]
    )
    op.create_table(
        "certificate_clash",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"],
            ["outside_certificate.id"],
            name=op.f("fk_certificate_clash_certificate_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_certificate_clash_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_clash")),
        sa.UniqueConstraint(
            "certificate_id",
            "user_id",
            name=op.f("uq_certificate_clash_certificate_id_user_id"),
        ),
    )
    op.create_index(op.f("ix_certificate_clash_user_id"), "certificate_clash", ["user_id"])


def downgrade() -> None:
    for table in (
        "certificate_clash",
        "certificate_step",
        "outside_certificate",
        "certificate_settings",
        "answer_habits",
    ):
        op.drop_table(table)
