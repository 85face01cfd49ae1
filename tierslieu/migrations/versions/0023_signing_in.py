"""signing in: chains of signatures

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_miss",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_signing_miss_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_miss")),
    )
    with op.batch_alter_table("signing_miss", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signing_miss_user_id"), ["user_id"], unique=False)

    op.create_table(
        "signing_chain",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("is_place", sa.Boolean(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("opened_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["learning_session.id"], name=op.f("fk_signing_chain_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_chain")),
    )
    with op.batch_alter_table("signing_chain", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signing_chain_session_id"), ["session_id"], unique=False
        )
        batch_op.create_index(
            "uq_signing_chain_place",
            ["session_id"],
            unique=True,
            sqlite_where=sa.text("is_place"),
            postgresql_where=sa.text("is_place"),
        )

    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("chain_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column(
            "manner",
            sa.Enum(
                "room",
                "own",
                "typed",
                "team",
                "counter",
                name="manner",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "half",
            sa.Enum("am", "pm", name="half", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("attendance_id", sa.Uuid(), nullable=True),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.Column("signed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("skew", sa.Integer(), nullable=False),
        sa.Column("received_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.CheckConstraint(
            "attendance_id IS NOT NULL OR manner = 'counter'", name=op.f("ck_signature_line")
        ),
        sa.ForeignKeyConstraint(
            ["attendance_id"], ["attendance.id"], name=op.f("fk_signature_attendance_id")
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["user_account.id"], name=op.f("fk_signature_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["chain_id"], ["signing_chain.id"], name=op.f("fk_signature_chain_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("chain_id", "nonce", name=op.f("uq_signature_chain_id_nonce")),
        sa.UniqueConstraint("chain_id", "number", name=op.f("uq_signature_chain_id_number")),
    )
    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_signature_attendance_id"), ["attendance_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_signature_by_id"), ["by_id"], unique=False)

    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.add_column(sa.Column("declined_by_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_attendance_declined_by_id"),
            "user_account",
            ["declined_by_id"],
            ["id"],
            ondelete="SET NULL",
        )


def downgrade() -> None:
    with op.batch_alter_table("attendance", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_attendance_declined_by_id"), type_="foreignkey")
        batch_op.drop_column("declined_by_id")

    with op.batch_alter_table("signature", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signature_by_id"))
        batch_op.drop_index(batch_op.f("ix_signature_attendance_id"))

    op.drop_table("signature")
    with op.batch_alter_table("signing_chain", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_signing_chain_place",
            sqlite_where=sa.text("is_place"),
            postgresql_where=sa.text("is_place"),
        )
        batch_op.drop_index(batch_op.f("ix_signing_chain_session_id"))

    op.drop_table("signing_chain")
    with op.batch_alter_table("signing_miss", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signing_miss_user_id"))

    op.drop_table("signing_miss")
