"""questionnaires written on the page

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Those that were there all came with the software.
    with op.batch_alter_table("instrument") as batch:
        batch.add_column(
            sa.Column("is_shipped", sa.Boolean(), nullable=False, server_default=sa.true())
        )
        batch.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(
            sa.Column(
                "updated_at",
                tierslieu.base.UTCDateTime(timezone=True),
                nullable=False,
                server_default="2026-11-01 00:00:00.000000",
            )
        )
    with op.batch_alter_table("instrument") as batch:
        for name in ("is_shipped", "revision", "updated_at"):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("instrument") as batch:
        for name in ("updated_at", "revision", "is_shipped"):
            batch.drop_column(name)
