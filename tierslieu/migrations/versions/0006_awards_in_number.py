"""awards in number, and awards that wait for their person

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STANDING = sa.text("revoked_at IS NULL")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    # Added without copying the table: nothing of what stands in it is touched.
    op.add_column("award", sa.Column("recipient_email", sa.String(), nullable=True))
    op.add_column("award", sa.Column("claim_token", sa.String(), nullable=True))
    op.create_index(
        "uq_award_waiting",
        "award",
        ["badge_id", "recipient_email"],
        unique=True,
        sqlite_where=_STANDING,
        postgresql_where=_STANDING,
    )
    op.create_index("ix_award_recipient_email", "award", ["recipient_email"])
    op.create_index("uq_award_claim_token", "award", ["claim_token"], unique=True)

    op.create_table(
        "award_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column(
            "state",
            _choice("batchstate", "draft", "running", "done", "stopped"),
            nullable=False,
        ),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("ended_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("hindrance", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"], ["badge_class.id"], name=op.f("fk_award_batch_badge_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_award_batch_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["learning_session.id"], name=op.f("fk_award_batch_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_batch")),
    )
    op.create_index(op.f("ix_award_batch_badge_id"), "award_batch", ["badge_id"])
    op.create_index(op.f("ix_award_batch_state"), "award_batch", ["state"])

    op.create_table(
        "award_batch_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column(
            "outlook",
            _choice("outlook", "account", "address", "held", "unmet", "invalid", "own", "closed"),
            nullable=False,
        ),
        sa.Column(
            "state",
            _choice("linestate", "waiting", "done", "left_out", "refused", "stopped"),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("leased_until", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["award_id"],
            ["award.id"],
            name=op.f("fk_award_batch_line_award_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["award_batch.id"],
            name=op.f("fk_award_batch_line_batch_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_award_batch_line_user_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_batch_line")),
        sa.UniqueConstraint("batch_id", "email", name=op.f("uq_award_batch_line_batch_id_email")),
        sa.UniqueConstraint(
            "batch_id", "user_id", name=op.f("uq_award_batch_line_batch_id_user_id")
        ),
    )
    op.create_index(
        "ix_award_batch_line_state", "award_batch_line", ["batch_id", "state", "position"]
    )
    op.create_index(op.f("ix_award_batch_line_email"), "award_batch_line", ["email"])
    op.create_index(op.f("ix_award_batch_line_user_id"), "award_batch_line", ["user_id"])


def downgrade() -> None:
    op.drop_table("award_batch_line")
    op.drop_table("award_batch")
    op.drop_index("uq_award_claim_token", table_name="award")
    op.drop_index("ix_award_recipient_email", table_name="award")
    op.drop_index("uq_award_waiting", table_name="award")
    op.drop_column("award", "claim_token")
    op.drop_column("award", "recipient_email")
