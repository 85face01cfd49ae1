"""judgements: a file may be joined, for the holder and the team

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("award_judgement") as table:
        table.add_column(sa.Column("upload_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(
            op.f("fk_award_judgement_upload_id"),
            "upload",
            ["upload_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("award_judgement") as table:
        table.drop_constraint(op.f("fk_award_judgement_upload_id"), type_="foreignkey")
        table.drop_column("upload_id")
