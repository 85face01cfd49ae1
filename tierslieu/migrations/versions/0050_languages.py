"""the language a person chose, and the language of a mail

Revision ID: 0050
Revises: 0049
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("user_account") as batch:
        batch.add_column(sa.Column("language", sa.String(), nullable=False, server_default=""))
    with op.batch_alter_table("user_account") as batch:
        batch.alter_column("language", server_default=None)
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("language", sa.String(), nullable=False, server_default="fr"))
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column("language", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_column("language")
    with op.batch_alter_table("user_account") as batch:
        batch.drop_column("language")
