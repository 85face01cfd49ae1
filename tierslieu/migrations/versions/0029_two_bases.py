"""two bases that people fill: contents and events, their files, pilots, imports

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pilot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["user_account.id"],
            name=op.f("fk_pilot_created_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
        sa.UniqueConstraint("name", name=op.f("uq_pilot_name")),
    )
    op.create_table(
        "community_event",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("organiser", sa.String(), nullable=False),
        sa.Column("date_words", sa.String(), nullable=False),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("latest", sa.Date(), nullable=True),
        sa.Column(
            "open_to",
            sa.Enum(
                "yes",
                "registration",
                "no",
                name="opento",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pilot_id", sa.Uuid(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("hidden_by_id", sa.Uuid(), nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(earliest IS NULL) = (latest IS NULL) AND (earliest IS NULL OR earliest <= latest)",
            name=op.f("ck_community_event_span"),
        ),
        sa.CheckConstraint(
            "NOT (is_public AND pilot_id IS NOT NULL)", name=op.f("ck_community_event_space")
        ),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"],
            ["user_account.id"],
            name=op.f("fk_community_event_hidden_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_community_event_owner_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_community_event_pilot_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_event")),
    )
    with op.batch_alter_table("community_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_community_event_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_community_event_pilot_id"), ["pilot_id"], unique=False)
        batch_op.create_index("ix_community_event_when", ["earliest", "latest"], unique=False)

    op.create_table(
        "community_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "base",
            sa.Enum(
                "contents",
                "events",
                name="basekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("pilot_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("applied_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["user_account.id"],
            name=op.f("fk_community_import_owner_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"],
            ["pilot.id"],
            name=op.f("fk_community_import_pilot_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_import")),
    )
    with op.batch_alter_table("community_import", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_community_import_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_community_import_owner_id"), ["owner_id"], unique=False
        )

    op.create_table(
        "content",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column(
            "rights",
            sa.Enum(
                "yes",
                "no",
                "to_check",
                name="rights",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("pilot_id", sa.Uuid(), nullable=True),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("hidden_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("hidden_by_id", sa.Uuid(), nullable=True),
        sa.Column("hidden_reason", sa.String(), nullable=False),
        sa.CheckConstraint("rights <> 'yes' OR licence <> ''", name=op.f("ck_content_licence")),
        sa.CheckConstraint(
            "NOT (is_public AND pilot_id IS NOT NULL)", name=op.f("ck_content_space")
        ),
        sa.ForeignKeyConstraint(
            ["hidden_by_id"],
            ["user_account.id"],
            name=op.f("fk_content_hidden_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["user_account.id"], name=op.f("fk_content_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_content_pilot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_content")),
    )
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.create_index("ix_content_newest", ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_content_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_content_pilot_id"), ["pilot_id"], unique=False)

    op.create_table(
        "pilot_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pilot_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("invited_by_id", sa.Uuid(), nullable=True),
        sa.Column("invited_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by_id"],
            ["user_account.id"],
            name=op.f("fk_pilot_member_invited_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_member_pilot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot_member")),
        sa.UniqueConstraint("pilot_id", "email", name=op.f("uq_pilot_member_pilot_id_email")),
    )
    with op.batch_alter_table("pilot_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pilot_member_email"), ["email"], unique=False)

    op.create_table(
        "community_event_comer",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("is_named", sa.Boolean(), nullable=False),
        sa.Column("said_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["community_event.id"],
            name=op.f("fk_community_event_comer_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_community_event_comer_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("event_id", "user_id", name=op.f("pk_community_event_comer")),
    )
    with op.batch_alter_table("community_event_comer", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_community_event_comer_user_id"), ["user_id"], unique=False
        )

    op.create_table(
        "community_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content_id", sa.Uuid(), nullable=True),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "(content_id IS NULL) <> (event_id IS NULL)", name=op.f("ck_community_file_entry")
        ),
        sa.ForeignKeyConstraint(
            ["content_id"],
            ["content.id"],
            name=op.f("fk_community_file_content_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["community_event.id"],
            name=op.f("fk_community_file_event_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["upload.id"],
            name=op.f("fk_community_file_upload_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_community_file")),
        sa.UniqueConstraint("upload_id", name=op.f("uq_community_file_upload_id")),
    )
    with op.batch_alter_table("community_file", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_community_file_content_id"), ["content_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_community_file_event_id"), ["event_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("community_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_file_event_id"))
        batch_op.drop_index(batch_op.f("ix_community_file_content_id"))

    op.drop_table("community_file")
    with op.batch_alter_table("community_event_comer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_event_comer_user_id"))

    op.drop_table("community_event_comer")
    with op.batch_alter_table("pilot_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pilot_member_email"))

    op.drop_table("pilot_member")
    with op.batch_alter_table("content", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_content_pilot_id"))
        batch_op.drop_index(batch_op.f("ix_content_owner_id"))
        batch_op.drop_index("ix_content_newest")

    op.drop_table("content")
    with op.batch_alter_table("community_import", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_community_import_owner_id"))
        batch_op.drop_index(batch_op.f("ix_community_import_created_at"))

    op.drop_table("community_import")
    with op.batch_alter_table("community_event", schema=None) as batch_op:
        batch_op.drop_index("ix_community_event_when")
        batch_op.drop_index(batch_op.f("ix_community_event_pilot_id"))
        batch_op.drop_index(batch_op.f("ix_community_event_owner_id"))

    op.drop_table("community_event")
    op.drop_table("pilot")
