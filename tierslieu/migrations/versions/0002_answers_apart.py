"""answers keep nothing that tells whose they are beside the dates of the invitations

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NO_ORDER = {"sqlite_with_rowid": False}  # copied in the order of chance, and none is kept


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table(
        "response_sheet", recreate="always" if sqlite else "never", table_kwargs=NO_ORDER
    ) as batch_op:
        batch_op.drop_index("ix_response_sheet_pid")
        batch_op.drop_column("pid")
        batch_op.drop_column("days_since_t0")
    if sqlite:
        with op.batch_alter_table("answer", recreate="always", table_kwargs=NO_ORDER):
            pass


def downgrade() -> None:
    # Whose an answer is and its day cannot be had without the study's key: they come back empty.
    with op.batch_alter_table("response_sheet") as batch_op:
        batch_op.add_column(sa.Column("pid", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(
            sa.Column("days_since_t0", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.create_index("ix_response_sheet_pid", ["pid"], unique=False)
