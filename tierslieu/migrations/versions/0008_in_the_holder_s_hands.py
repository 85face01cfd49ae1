"""public badges, addresses proved, holders' pages, badges from elsewhere, collections

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import tierslieu.base


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BEFORE, AFTER = ("private", "link"), ("private", "link", "public")


def _sharing(*values: str) -> str:
    return f"sharing IN ({', '.join(repr(value) for value in values)})"


def _allow(*values: str) -> None:
    """A badge's sharing is one of these from now on."""
    with op.batch_alter_table("award") as batch:
        batch.drop_constraint(op.f("ck_award_sharing"), type_="check")
        batch.create_check_constraint(op.f("ck_award_sharing"), _sharing(*values))


def upgrade() -> None:
    _allow(*AFTER)
    with op.batch_alter_table("award") as batch:
        batch.add_column(
            sa.Column("is_named", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    with op.batch_alter_table("award") as batch:
        batch.alter_column("is_named", server_default=None)
    op.create_table(
        "former_place",
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("set_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_former_place_award_id")),
        sa.ForeignKeyConstraint(
            ["list_id"], ["status_list.id"], name=op.f("fk_former_place_list_id")
        ),
        sa.PrimaryKeyConstraint("list_id", "index", name=op.f("pk_former_place")),
    )
    op.create_index(op.f("ix_former_place_award_id"), "former_place", ["award_id"])
    op.create_table(
        "other_address",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("asked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("proved_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("takes_over", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_other_address_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_other_address")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_other_address_secret_hash")),
        sa.UniqueConstraint("user_id", "email", name=op.f("uq_other_address_user_id_email")),
    )
    op.create_table(
        "holder_page",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_holder_page_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_page")),
        sa.UniqueConstraint("user_id", name=op.f("uq_holder_page_user_id")),
    )
    op.create_table(
        "kept_badge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("issuer_name", sa.String(), nullable=False),
        sa.Column("issued_on", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("checks", sa.JSON(), nullable=False),
        sa.Column("kept_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("checked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_kept_badge_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_badge")),
        sa.UniqueConstraint(
            "user_id", "fingerprint", name=op.f("uq_kept_badge_user_id_fingerprint")
        ),
    )
    op.create_table(
        "badge_collection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_badge_collection_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_collection")),
    )
    op.create_index(op.f("ix_badge_collection_user_id"), "badge_collection", ["user_id"])
    op.create_table(
        "badge_collection_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("collection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(award_id IS NULL) <> (kept_id IS NULL)",
            name=op.f("ck_badge_collection_member_one_badge"),
        ),
        sa.ForeignKeyConstraint(
            ["award_id"],
            ["award.id"],
            name=op.f("fk_badge_collection_member_award_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["collection_id"],
            ["badge_collection.id"],
            name=op.f("fk_badge_collection_member_collection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["kept_id"],
            ["kept_badge.id"],
            name=op.f("fk_badge_collection_member_kept_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_collection_member")),
        sa.UniqueConstraint(
            "collection_id",
            "award_id",
            name=op.f("uq_badge_collection_member_collection_id_award_id"),
        ),
        sa.UniqueConstraint(
            "collection_id",
            "kept_id",
            name=op.f("uq_badge_collection_member_collection_id_kept_id"),
        ),
    )
    op.create_index(
        op.f("ix_badge_collection_member_collection_id"),
        "badge_collection_member",
        ["collection_id"],
    )
    op.create_table(
        "wallet_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("with_name", sa.Boolean(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("pin_hash", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_wallet_offer_award_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_wallet_offer_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wallet_offer")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_wallet_offer_secret_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_wallet_offer_token_hash")),
    )
    op.create_index(op.f("ix_wallet_offer_user_id"), "wallet_offer", ["user_id"])


def downgrade() -> None:
    for table in (
        "wallet_offer",
        "badge_collection_member",
        "badge_collection",
        "kept_badge",
        "holder_page",
        "other_address",
        "former_place",
    ):
        op.drop_table(table)
    with op.batch_alter_table("award") as batch:
        batch.drop_column("is_named")
    op.execute("UPDATE award SET sharing = 'link' WHERE sharing = 'public'")
    _allow(*BEFORE)
