"""limits that hold across processes, sessions that can be ended one by one, second factors

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_count",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("free_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_rate_count")),
    )
    # Sessions begun before have no row: everybody signs in again, once.
    op.create_table(
        "open_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        sa.Column("is_strong", sa.Boolean(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_open_session_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_session")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_open_session_secret_hash")),
    )
    op.create_index(op.f("ix_open_session_ends_at"), "open_session", ["ends_at"])
    op.create_index(op.f("ix_open_session_user_id"), "open_session", ["user_id"])
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("tf_last_counter", sa.Integer(), nullable=True))
        table.add_column(sa.Column("mf_recovery_codes", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user_account") as table:
        table.drop_column("mf_recovery_codes")
        table.drop_column("tf_last_counter")
    op.drop_table("open_session")
    op.drop_table("rate_count")
