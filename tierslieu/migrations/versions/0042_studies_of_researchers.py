"""studies that researchers make, what people agree to, and whose data a package holds

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

INSTANT = tierslieu.base.UTCDateTime(timezone=True)
STANDING = sa.text("withdrawn_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("study") as table:
        table.add_column(sa.Column("opened_at", INSTANT, nullable=True))
        table.add_column(
            sa.Column("has_own_consent", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.add_column(sa.Column("path_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(op.f("fk_study_path_id"), "path", ["path_id"], ["id"])
    with op.batch_alter_table("study") as table:
        table.alter_column("has_own_consent", server_default=None)
    op.execute("UPDATE study SET opened_at = created_at")
    with op.batch_alter_table("wave") as table:
        table.add_column(sa.Column("delay_days", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("reminders", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(
            sa.Column("remind_every_days", sa.Integer(), nullable=False, server_default="7")
        )
        table.add_column(sa.Column("retired_at", INSTANT, nullable=True))
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("reminded", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("wave") as table:
        table.alter_column("delay_days", server_default=None)
        table.alter_column("reminders", server_default=None)
        table.alter_column("remind_every_days", server_default=None)
    with op.batch_alter_table("invitation") as table:
        table.alter_column("reminded", server_default=None)
    op.add_column("research_package", sa.Column("forgotten_at", INSTANT, nullable=True))
    op.create_table(
        "study_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("asks_anew", sa.Boolean(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_study_text_study_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_text")),
        sa.UniqueConstraint("study_id", "version", name=op.f("uq_study_text_study_id_version")),
    )
    op.create_table(
        "study_consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("text_id", sa.Uuid(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_study_consent_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_study_consent_study_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["text_id"],
            ["study_text.id"],
            name=op.f("fk_study_consent_text_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_consent")),
    )
    op.create_index(
        "uq_study_consent_active",
        "study_consent",
        ["user_id", "study_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
    op.create_index("ix_study_consent_study", "study_consent", ["study_id", "withdrawn_at"])
    op.create_table(
        "study_researcher",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"],
            ["study.id"],
            name=op.f("fk_study_researcher_study_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_study_researcher_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "user_id", name=op.f("pk_study_researcher")),
    )
    op.create_index(op.f("ix_study_researcher_user_id"), "study_researcher", ["user_id"])
    op.create_table(
        "study_refusal",
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_study_refusal_study_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_study_refusal_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("study_id", "user_id", name=op.f("pk_study_refusal")),
    )
    op.create_index(op.f("ix_study_refusal_user_id"), "study_refusal", ["user_id"])
    op.create_table(
        "package_participant",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["package_id"],
            ["research_package.id"],
            name=op.f("fk_package_participant_package_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_package_participant_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("package_id", "user_id", name=op.f("pk_package_participant")),
    )
    op.create_index(op.f("ix_package_participant_user_id"), "package_participant", ["user_id"])


def downgrade() -> None:
    op.drop_table("package_participant")
    op.drop_table("study_refusal")
    op.drop_table("study_researcher")
    op.drop_table("study_consent")
    op.drop_table("study_text")
    with op.batch_alter_table("research_package") as table:
        table.drop_column("forgotten_at")
    with op.batch_alter_table("invitation") as table:
        table.drop_column("reminded")
    with op.batch_alter_table("wave") as table:
        for name in ("retired_at", "remind_every_days", "reminders", "delay_days"):
            table.drop_column(name)
    with op.batch_alter_table("study") as table:
        table.drop_constraint(op.f("fk_study_path_id"), type_="foreignkey")
        for name in ("path_id", "has_own_consent", "opened_at"):
            table.drop_column(name)
