"""backups of the whole place, as they were asked for and ended

Revision ID: 0049
Revises: 0048
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "kept",
                "failed",
                name="runstate",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("night", sa.Date(), nullable=True),
        sa.Column("asked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("leased_until", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("lease_key", sa.Uuid(), nullable=True),
        sa.Column("ended_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("made_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_run")),
        sa.UniqueConstraint("night", name=op.f("uq_backup_run_night")),
    )
    with op.batch_alter_table("backup_run", schema=None) as batch_op:
        batch_op.create_index(
            "uq_backup_run_asked",
            ["state"],
            unique=True,
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        )


def downgrade() -> None:
    op.drop_table("backup_run")
