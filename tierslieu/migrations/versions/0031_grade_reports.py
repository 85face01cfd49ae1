"""grade reports: usernames elsewhere, settings of a path, imports and their lines

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

PROVIDER = ("fun", "edx")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    op.create_table(
        "outside_username",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("provider", _choice("provider", *PROVIDER), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("declared_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_outside_username_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_username")),
        sa.UniqueConstraint("provider", "folded", name=op.f("uq_outside_username_provider_folded")),
        sa.UniqueConstraint(
            "user_id", "provider", name=op.f("uq_outside_username_user_id_provider")
        ),
    )
    op.create_table(
        "grade_settings",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("threshold", sa.Double(), nullable=False),
        sa.Column("provider", _choice("provider", *PROVIDER), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("updated_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "threshold > 0 AND threshold <= 1", name=op.f("ck_grade_settings_threshold")
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_grade_settings_path_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["user_account.id"],
            name=op.f("fk_grade_settings_updated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("path_id", name=op.f("pk_grade_settings")),
    )
    op.create_table(
        "grade_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("applied_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_grade_import_path_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_grade_import_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_import")),
    )
    op.create_index("ix_grade_import_path", "grade_import", ["path_id", "created_at"])
    op.create_table(
        "grade_import_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column(
            "outlook",
            _choice("outlook", "changed", "unchanged", "unmatched", "error"),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["grade_import.id"],
            name=op.f("fk_grade_import_line_import_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_grade_import_line_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grade_import_line")),
    )
    op.create_index("ix_grade_import_line_place", "grade_import_line", ["import_id", "position"])
    op.create_index(
        "ix_grade_import_line_kind", "grade_import_line", ["import_id", "outlook", "position"]
    )
    op.create_index(op.f("ix_grade_import_line_user_id"), "grade_import_line", ["user_id"])


def downgrade() -> None:
    for table in ("grade_import_line", "grade_import", "grade_settings", "outside_username"):
        op.drop_table(table)
