"""badges of others that prove steps

Revision ID: 0039
Revises: 0038
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trusted_issuer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("added_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["added_by_id"],
            ["user_account.id"],
            name=op.f("fk_trusted_issuer_added_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_issuer")),
        sa.UniqueConstraint("issuer", name=op.f("uq_trusted_issuer_issuer")),
    )
    op.create_table(
        "badge_worth",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_badge_worth_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_worth")),
        sa.UniqueConstraint(
            "issuer",
            "achievement",
            "path_id",
            name=op.f("uq_badge_worth_issuer_achievement_path_id"),
        ),
    )
    op.create_table(
        "proving_badge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("issuer_name", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_proving_badge_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proving_badge")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_proving_badge_fingerprint")),
    )
    op.create_index(op.f("ix_proving_badge_user_id"), "proving_badge", ["user_id"])
    op.create_table(
        "badge_proof",
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["step_record.id"],
            name=op.f("fk_badge_proof_record_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["proving_badge.id"],
            name=op.f("fk_badge_proof_badge_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_badge_proof")),
    )
    op.create_index(op.f("ix_badge_proof_badge_id"), "badge_proof", ["badge_id"])


def downgrade() -> None:
    op.drop_table("badge_proof")
    op.drop_table("proving_badge")
    op.drop_table("badge_worth")
    op.drop_table("trusted_issuer")
