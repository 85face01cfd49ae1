"""the borders of a timeline's phases; attention: settings, contacts, pauses

Revision ID: 0036
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _person(table: str, column: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["user_account.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def upgrade() -> None:
    op.create_table(
        "timeline_borders",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("studies_from", sa.Date(), nullable=True),
        sa.Column("job_from", sa.Date(), nullable=True),
        sa.Column("set_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.CheckConstraint("studies_from <= job_from", name=op.f("ck_timeline_borders_order")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_timeline_borders_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_timeline_borders")),
    )

    op.create_table(
        "attention_setting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("set_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Uuid(), nullable=True),
        _person("attention_setting", "set_by_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention_setting")),
    )
    op.create_index("ix_attention_setting_latest", "attention_setting", ["code", "set_at"])
    op.create_index(op.f("ix_attention_setting_set_by_id"), "attention_setting", ["set_by_id"])
    op.create_table(
        "attention_contact",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("way", _choice("contactway", "phone", "mail", "in_person"), nullable=False),
        sa.Column(
            "outcome",
            _choice(
                "contactoutcome",
                *("well", "goes_on", "needs_help", "pauses", "stops", "no_answer", "other"),
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("written_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        _person("attention_contact", "about_id", "CASCADE"),
        _person("attention_contact", "author_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention_contact")),
    )
    op.create_index("ix_attention_contact_about", "attention_contact", ["about_id", "happened_on"])
    op.create_index(op.f("ix_attention_contact_author_id"), "attention_contact", ["author_id"])
    op.create_index(op.f("ix_attention_contact_written_at"), "attention_contact", ["written_at"])
    op.create_table(
        "attention_pause",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("kind", _choice("pausekind", "later", "aside", "own"), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'aside') = (until IS NULL)", name=op.f("ck_attention_pause_until")
        ),
        _person("attention_pause", "about_id", "CASCADE"),
        _person("attention_pause", "author_id", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attention_pause")),
    )
    op.create_index(
        "uq_attention_pause_living",
        "attention_pause",
        ["about_id", "kind"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_attention_pause_about", "attention_pause", ["about_id", "made_at"])
    op.create_index(op.f("ix_attention_pause_author_id"), "attention_pause", ["author_id"])
    op.create_index(op.f("ix_attention_pause_made_at"), "attention_pause", ["made_at"])


def downgrade() -> None:
    for table in (
        "attention_pause",
        "attention_contact",
        "attention_setting",
        "timeline_borders",
    ):
        op.drop_table(table)
