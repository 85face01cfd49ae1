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
    _create_xapi()


def _create_xapi() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    op.create_table(
        "xapi_source",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("first_at", instant, nullable=False),
        sa.Column("last_at", instant, nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("strangers", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["access_token.id"],
            name=op.f("fk_xapi_source_token_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_source")),
        sa.UniqueConstraint("token_id", name=op.f("uq_xapi_source_token_id")),
    )
    op.create_table(
        "xapi_home_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("provider", _choice("provider", *PROVIDER), nullable=True),
        sa.Column("first_at", instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_home_page")),
        sa.UniqueConstraint("address", name=op.f("uq_xapi_home_page_address")),
    )
    op.create_table(
        "xapi_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("iri", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", _choice("state", "new", "counted", "not_counted"), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("first_at", instant, nullable=False),
        sa.Column("decided_at", instant, nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'counted') = (path_id IS NOT NULL AND step_key <> '')",
            name=op.f("ck_xapi_activity_counted"),
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_xapi_activity_path_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_xapi_activity_decided_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_activity")),
        sa.UniqueConstraint("iri", name=op.f("uq_xapi_activity_iri")),
    )
    op.create_index("ix_xapi_activity_state", "xapi_activity", ["state", "first_at"])
    op.create_table(
        "xapi_statement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("time_digest", sa.String(), nullable=False),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("state", _choice("state", "waiting", "used", "aside", "voided"), nullable=False),
        sa.Column("verb", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", instant, nullable=True),
        sa.Column("by_username", sa.Boolean(), nullable=False),
        sa.Column("voids", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (user_id IS NOT NULL AND activity_id IS NOT NULL "
            "AND happened_at IS NOT NULL)",
            name=op.f("ck_xapi_statement_waiting"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["xapi_source.id"],
            name=op.f("fk_xapi_statement_source_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_xapi_statement_user_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["xapi_activity.id"], name=op.f("fk_xapi_statement_activity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_xapi_statement")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_xapi_statement_statement_id")),
    )
    op.create_index("ix_xapi_statement_waiting", "xapi_statement", ["activity_id", "state"])
    op.create_index("ix_xapi_statement_received_at", "xapi_statement", ["received_at"])
    for column in ("source_id", "user_id", "voids"):
        op.create_index(op.f(f"ix_xapi_statement_{column}"), "xapi_statement", [column])


def downgrade() -> None:
    for table in ("xapi_statement", "xapi_activity", "xapi_home_page", "xapi_source"):
        op.drop_table(table)
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
