"""endorsements: asked for by a link, and carried by badges

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    op.create_table(
        "badge_endorsement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("given_at", instant, nullable=False),
        sa.Column("valid_until", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["badge_class.id"],
            name=op.f("fk_badge_endorsement_badge_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_endorsement")),
    )
    op.create_index(op.f("ix_badge_endorsement_badge_id"), "badge_endorsement", ["badge_id"])
    op.create_table(
        "endorsement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=True),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("reminded_at", instant, nullable=True),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("mail_domain", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("reminder_hash", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "given",
                "declined",
                "withdrawn",
                "expired",
                "cancelled",
                name="endorsementstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("answered_at", instant, nullable=True),
        sa.Column("signer_name", sa.String(), nullable=False),
        sa.Column("signer_role", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("issuer_did", sa.String(), nullable=False),
        sa.Column("has_own_key", sa.Boolean(), nullable=False),
        sa.Column("valid_until", instant, nullable=True),
        sa.Column("withdrawn_at", instant, nullable=True),
        sa.Column("hidden_at", instant, nullable=True),
        sa.Column("hidden_by_id", sa.Uuid(), nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(badge_id IS NULL) <> (award_id IS NULL)", name=op.f("ck_endorsement_about")
        ),
        sa.CheckConstraint(
            "(state = 'asked') = (email IS NOT NULL)", name=op.f("ck_endorsement_email")
        ),
        sa.CheckConstraint(
            "(state IN ('given', 'withdrawn')) = (credential <> '')",
            name=op.f("ck_endorsement_credential"),
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["badge_class.id"],
            name=op.f("fk_endorsement_badge_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_endorsement_award_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["user_account.id"],
            name=op.f("fk_endorsement_asked_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"],
            ["user_account.id"],
            name=op.f("fk_endorsement_hidden_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_endorsement_secret_hash")),
        sa.UniqueConstraint("reminder_hash", name=op.f("uq_endorsement_reminder_hash")),
        sa.UniqueConstraint("badge_id", "email", name=op.f("uq_endorsement_badge_id_email")),
        sa.UniqueConstraint("award_id", "email", name=op.f("uq_endorsement_award_id_email")),
    )
    op.create_index(op.f("ix_endorsement_asked_by_id"), "endorsement", ["asked_by_id"])
    op.create_index(op.f("ix_endorsement_state"), "endorsement", ["state"])


def downgrade() -> None:
    op.drop_table("endorsement")
    op.drop_table("badge_endorsement")
