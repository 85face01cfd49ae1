"""moodle's completions and xapi: what activities are worth, sources, statements kept short

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BEFORE = ("fun", "edx")
PROVIDER = ("fun", "edx", "moodle", "h5p")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _providers(values: tuple[str, ...]) -> None:
    said = ", ".join(f"'{value}'" for value in values)
    for table in ("outside_username", "grade_settings"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(op.f(f"ck_{table}_provider"), type_="check")
            batch_op.create_check_constraint(op.f(f"ck_{table}_provider"), f"provider IN ({said})")


def upgrade() -> None:
    _providers(PROVIDER)
    with op.batch_alter_table("grade_import") as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                _choice("kind", "grades", "completions"),
                nullable=False,
                server_default="grades",
            )
        )
    with op.batch_alter_table("grade_import") as batch_op:
        batch_op.alter_column("kind", server_default=None)
    op.create_table(
        "completion_settings",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("provider", _choice("provider", *PROVIDER), nullable=False),
        sa.Column("activities", sa.JSON(), nullable=False),
        sa.Column("identities", sa.JSON(), nullable=False),
        sa.Column("updated_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["path_id"],
            ["path.id"],
            name=op.f("fk_completion_settings_path_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["user_account.id"],
            name=op.f("fk_completion_settings_updated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("path_id", name=op.f("pk_completion_settings")),
    )


def downgrade() -> None:
    op.drop_table("completion_settings")
    op.execute(
        "DELETE FROM grade_import_line WHERE import_id IN "
        "(SELECT id FROM grade_import WHERE kind = 'completions')"
    )
    op.execute("DELETE FROM grade_import WHERE kind = 'completions'")
    with op.batch_alter_table("grade_import") as batch_op:
        batch_op.drop_constraint(op.f("ck_grade_import_kind"), type_="check")
        batch_op.drop_column("kind")
    op.execute("DELETE FROM outside_username WHERE provider NOT IN ('fun', 'edx')")
    op.execute("UPDATE grade_settings SET provider = 'fun' WHERE provider NOT IN ('fun', 'edx')")
    _providers(BEFORE)
