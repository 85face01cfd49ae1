"""words that administrators write into mails

Revision ID: 0054
Revises: 0051
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0054"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("subject_fr", "subject_en", "opening_fr", "opening_en", "closing_fr", "closing_en")
    op.create_table(
        "mail_wording",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in texts),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_mail_wording_counts_from_one")),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["user_account.id"],
            name=op.f("fk_mail_wording_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_wording")),
        sa.UniqueConstraint("template", "number", name=op.f("uq_mail_wording_template_number")),
    )
    op.create_index(op.f("ix_mail_wording_by_id"), "mail_wording", ["by_id"])


def downgrade() -> None:
    op.drop_table("mail_wording")
