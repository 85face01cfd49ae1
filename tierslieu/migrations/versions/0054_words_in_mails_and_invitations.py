"""words that administrators write into mails; a closed pilot and its invitations

Revision ID: 0054
Revises: 0053
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0054"
down_revision = "0053"
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
    op.create_table(
        "entry_setting",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("ends_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("opens_after", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_entry_setting_one_row")),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_entry_setting_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_setting")),
    )
    op.create_index(op.f("ix_entry_setting_by_id"), "entry_setting", ["by_id"])
    instants = ("sent_at", "opened_at", "used_at", "revoked_at")
    op.create_table(
        "entry_invitation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("ends_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("made_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("times_sent", sa.Integer(), nullable=False),
        *(
            sa.Column(name, tierslieu.base.UTCDateTime(timezone=True), nullable=True)
            for name in instants
        ),
        sa.CheckConstraint(
            "uses >= 0 AND uses <= most_uses", name=op.f("ck_entry_invitation_uses")
        ),
        sa.CheckConstraint(
            "email = '' OR most_uses = 1", name=op.f("ck_entry_invitation_one_address")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"],
            ["user_account.id"],
            name=op.f("fk_entry_invitation_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_invitation")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_entry_invitation_secret_hash")),
    )
    for column in ("email", "ends_at", "by_id"):
        op.create_index(op.f(f"ix_entry_invitation_{column}"), "entry_invitation", [column])


def downgrade() -> None:
    for table in ("entry_invitation", "entry_setting", "mail_wording"):
        op.drop_table(table)
