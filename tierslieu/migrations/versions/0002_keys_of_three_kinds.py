"""keys of three kinds, withdrawn with a reason; a status list knows the key it began under

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


def upgrade() -> None:
    with op.batch_alter_table("signing_key") as batch:
        batch.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="Ed25519"))
        batch.add_column(
            sa.Column("revocation_reason", sa.String(), nullable=False, server_default="")
        )
    with op.batch_alter_table("signing_key") as batch:
        # The models give these themselves.
        batch.alter_column("kind", server_default=None)
        batch.alter_column("revocation_reason", server_default=None)
    with op.batch_alter_table("status_list") as batch:
        batch.add_column(sa.Column("signing_key_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_status_list_signing_key_id"),
            "signing_key",
            ["signing_key_id"],
            ["id"],
        )
    # Until now there was one key, and every list was its own.
    op.execute("UPDATE status_list SET signing_key_id = (SELECT id FROM signing_key LIMIT 1)")


def downgrade() -> None:
    with op.batch_alter_table("status_list") as batch:
        batch.drop_constraint(op.f("fk_status_list_signing_key_id"), type_="foreignkey")
        batch.drop_column("signing_key_id")
    with op.batch_alter_table("signing_key") as batch:
        batch.drop_column("revocation_reason")
        batch.drop_column("kind")
