"""mutual aid: the charter, members, asks and what is written in them, offers, reports, decisions

Revision ID: 0037
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aid_charter",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("published_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["published_by_id"],
            ["user_account.id"],
            name=op.f("fk_aid_charter_published_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_aid_charter")),
    )
    op.create_table(
        "aid_forum",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_aid_forum_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("path_id", name=op.f("pk_aid_forum")),
    )
    op.create_table(
        "aid_member",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("shown_name", sa.String(), nullable=False),
        sa.Column("charter_number", sa.Integer(), nullable=False),
        sa.Column("accepted_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "notices",
            sa.Enum(
                "none",
                "digest",
                "each",
                name="notices",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("stop_key", sa.String(), nullable=False),
        sa.Column("joined_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("told_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_aid_member_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_member")),
        sa.UniqueConstraint("stop_key", name=op.f("uq_aid_member_stop_key")),
        sa.UniqueConstraint("user_id", name=op.f("uq_aid_member_user_id")),
    )
    op.create_table(
        "aid_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("on_site", sa.Boolean(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("forum", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("on_site OR online OR forum", name=op.f("ck_aid_offer_way")),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_aid_offer_path_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_aid_offer_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_offer")),
        sa.UniqueConstraint("user_id", "path_id", name=op.f("uq_aid_offer_user_id_path_id")),
    )
    with op.batch_alter_table("aid_offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aid_offer_path_id"), ["path_id"], unique=False)

    op.create_table(
        "aid_ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("cohort_id", sa.Uuid(), nullable=True),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("last_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("solved_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_aid_ask_author_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["cohort_id"], ["cohort.id"], name=op.f("fk_aid_ask_cohort_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["path.id"], name=op.f("fk_aid_ask_path_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_ask")),
    )
    with op.batch_alter_table("aid_ask", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aid_ask_author_id"), ["author_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_aid_ask_cohort_id"), ["cohort_id"], unique=False)
        batch_op.create_index("ix_aid_ask_group", ["path_id", "cohort_id", "last_at"], unique=False)

    op.create_table(
        "aid_offer_step",
        sa.Column("offer_id", sa.Uuid(), nullable=False),
        sa.Column("step_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["offer_id"],
            ["aid_offer.id"],
            name=op.f("fk_aid_offer_step_offer_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("offer_id", "step_key", name=op.f("pk_aid_offer_step")),
    )
    op.create_table(
        "aid_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("is_first", sa.Boolean(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("thanked_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["ask_id"], ["aid_ask.id"], name=op.f("fk_aid_message_ask_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"],
            ["user_account.id"],
            name=op.f("fk_aid_message_author_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_message")),
    )
    with op.batch_alter_table("aid_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aid_message_ask_id"), ["ask_id"], unique=False)
        batch_op.create_index("ix_aid_message_author", ["author_id", "created_at"], unique=False)
        batch_op.create_index("ix_aid_message_hidden", ["hidden_at"], unique=False)

    op.create_table(
        "aid_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column(
            "act",
            sa.Enum(
                "hide",
                "auto_hide",
                "restore",
                "remove",
                "keep",
                "suspend",
                "lift",
                name="act",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("until", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(act = 'suspend') = (until IS NOT NULL)", name=op.f("ck_aid_decision_until")
        ),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["user_account.id"],
            name=op.f("fk_aid_decision_actor_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["aid_message.id"],
            name=op.f("fk_aid_decision_message_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["user_account.id"],
            name=op.f("fk_aid_decision_person_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_decision")),
    )
    with op.batch_alter_table("aid_decision", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_aid_decision_at"), ["at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_aid_decision_message_id"), ["message_id"], unique=False
        )
        batch_op.create_index("ix_aid_decision_person", ["person_id", "at"], unique=False)

    op.create_table(
        "aid_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "hurtful",
                "private",
                "wrong_place",
                "other",
                name="reportreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("created_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("settled_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["aid_message.id"],
            name=op.f("fk_aid_report_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"],
            ["user_account.id"],
            name=op.f("fk_aid_report_reporter_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aid_report")),
        sa.UniqueConstraint(
            "message_id", "reporter_id", name=op.f("uq_aid_report_message_id_reporter_id")
        ),
    )
    with op.batch_alter_table("aid_report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_aid_report_reporter_id"), ["reporter_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_aid_report_settled_at"), ["settled_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("aid_report", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_aid_report_settled_at"))
        batch_op.drop_index(batch_op.f("ix_aid_report_reporter_id"))

    op.drop_table("aid_report")
    with op.batch_alter_table("aid_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_aid_decision_person")
        batch_op.drop_index(batch_op.f("ix_aid_decision_message_id"))
        batch_op.drop_index(batch_op.f("ix_aid_decision_at"))

    op.drop_table("aid_decision")
    with op.batch_alter_table("aid_message", schema=None) as batch_op:
        batch_op.drop_index("ix_aid_message_hidden")
        batch_op.drop_index("ix_aid_message_author")
        batch_op.drop_index(batch_op.f("ix_aid_message_ask_id"))

    op.drop_table("aid_message")
    op.drop_table("aid_offer_step")
    with op.batch_alter_table("aid_ask", schema=None) as batch_op:
        batch_op.drop_index("ix_aid_ask_group")
        batch_op.drop_index(batch_op.f("ix_aid_ask_cohort_id"))
        batch_op.drop_index(batch_op.f("ix_aid_ask_author_id"))

    op.drop_table("aid_ask")
    with op.batch_alter_table("aid_offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_aid_offer_path_id"))

    op.drop_table("aid_offer")
    op.drop_table("aid_member")
    op.drop_table("aid_forum")
    op.drop_table("aid_charter")
