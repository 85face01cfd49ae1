"""free texts are read before they leave

Revision ID: 0046
Revises: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0046"
down_revision = "0044"
branch_labels = None
depends_on = None

INSTANT = tierslieu.base.UTCDateTime(timezone=True)
ASKED = sa.text("state = 'asked'")


def _state(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _key(table: str, column: str, to: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    with op.batch_alter_table("study_text") as table:
        table.add_column(
            sa.Column("allows_texts", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("study_text") as table:
        table.alter_column("allows_texts", server_default=None)
    op.create_table(
        "text_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            _state("textrequeststate", "asked", "agreed", "refused", "withdrawn"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("gathered_at", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'asked') = (decided_at IS NULL)", name=op.f("ck_text_request_decided")
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL)",
            name=op.f("ck_text_request_withdrawn"),
        ),
        _key("text_request", "study_id", "study", "CASCADE"),
        _key("text_request", "asked_by_id", "user_account", "SET NULL"),
        _key("text_request", "decided_by_id", "user_account", "SET NULL"),
        _key("text_request", "withdrawn_by_id", "user_account", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_request")),
    )
    op.create_index(op.f("ix_text_request_study_id"), "text_request", ["study_id"])
    op.create_index(
        "uq_text_request_asked",
        "text_request",
        ["study_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.create_table(
        "text_request_question",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        _key("text_request_question", "request_id", "text_request", "CASCADE"),
        _key("text_request_question", "wave_id", "wave", "CASCADE"),
        sa.PrimaryKeyConstraint(
            "request_id", "wave_id", "item", name=op.f("pk_text_request_question")
        ),
    )
    op.create_table(
        "read_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("state", _state("readingstate", "waiting", "let_out", "kept"), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.CheckConstraint(
            "state <> 'kept' OR text = ''", name=op.f("ck_read_text_kept_without_words")
        ),
        _key("read_text", "request_id", "text_request", "CASCADE"),
        _key("read_text", "sheet_id", "response_sheet", "CASCADE"),
        _key("read_text", "wave_id", "wave", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read_text")),
        sa.UniqueConstraint(
            "request_id", "sheet_id", "item", name=op.f("uq_read_text_request_id_sheet_id_item")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_read_text_sheet_id"), "read_text", ["sheet_id"])


def downgrade() -> None:
    op.drop_table("read_text")
    op.drop_table("text_request_question")
    op.drop_table("text_request")
    with op.batch_alter_table("study_text") as table:
        table.drop_column("allows_texts")
