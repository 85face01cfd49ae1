"""paths with pools, steps that come first, parts and badges; drafts; waivers; where progress is from

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INSTANT = tierslieu.base.UTCDateTime(timezone=True)
KINDS = ("online", "attendance", "exercise", "preparation")
STANDING = sa.text("state IN ('asked', 'granted')")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    _make_tables()
    with op.batch_alter_table("enrolment_event") as batch:
        batch.add_column(sa.Column("to_version_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_enrolment_event_to_version_id"), "path_version", ["to_version_id"], ["id"]
        )
    with op.batch_alter_table("path") as batch:
        batch.add_column(
            sa.Column("is_local", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch.add_column(sa.Column("retired_at", INSTANT, nullable=True))
    with op.batch_alter_table("path") as batch:
        batch.alter_column("is_local", existing_type=sa.Boolean(), server_default=None)
    with op.batch_alter_table("path_version") as batch:
        batch.add_column(sa.Column("published_by_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("changes", sa.String(), nullable=False, server_default=""))
        batch.create_foreign_key(
            batch.f("fk_path_version_published_by_id"),
            "user_account",
            ["published_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("path_version") as batch:
        batch.alter_column("changes", existing_type=sa.String(), server_default=None)
    _widen_steps()
    _widen_records()


def _make_tables() -> None:
    op.create_table(
        "path_draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["updated_by_id"],
            ["user_account.id"],
            name=op.f("fk_path_draft_updated_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path_draft")),
        sa.UniqueConstraint("slug", name=op.f("uq_path_draft_slug")),
    )
    op.create_table(
        "step_pool",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=False),
        sa.CheckConstraint("needed >= 1", name=op.f("ck_step_pool_needed")),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["path_version.id"],
            name=op.f("fk_step_pool_version_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_pool")),
        sa.UniqueConstraint("version_id", "key", name=op.f("uq_step_pool_version_id_key")),
    )
    op.create_table(
        "step_need",
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column("needed_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["needed_id"], ["step.id"], name=op.f("fk_step_need_needed_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["step.id"], name=op.f("fk_step_need_step_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("step_id", "needed_id", name=op.f("pk_step_need")),
    )
    op.create_index(op.f("ix_step_need_needed_id"), "step_need", ["needed_id"])
    op.create_table(
        "step_waiver",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("step_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            _choice("waiverstate", "asked", "granted", "refused", "taken_back"),
            nullable=False,
        ),
        sa.Column("request", sa.String(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state = 'asked' OR reason <> ''", name=op.f("ck_step_waiver_reason")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["user_account.id"],
            name=op.f("fk_step_waiver_decided_by_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"],
            ["enrolment.id"],
            name=op.f("fk_step_waiver_enrolment_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["step_id"], ["step.id"], name=op.f("fk_step_waiver_step_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_step_waiver")),
    )
    op.create_index(op.f("ix_step_waiver_enrolment_id"), "step_waiver", ["enrolment_id"])
    op.create_index("ix_step_waiver_queue", "step_waiver", ["state", "asked_at"])
    op.create_index(op.f("ix_step_waiver_step_id"), "step_waiver", ["step_id"])
    op.create_index(
        "uq_step_waiver_standing",
        "step_waiver",
        ["enrolment_id", "step_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def _widen_steps() -> None:
    with op.batch_alter_table("step") as batch:
        batch.add_column(sa.Column("key", sa.String(), nullable=True))
        batch.add_column(sa.Column("pool_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("badge", sa.String(), nullable=True))
        batch.add_column(sa.Column("subpath_id", sa.Uuid(), nullable=True))
    _name_steps()
    with op.batch_alter_table("step") as batch:
        batch.alter_column(
            "kind",
            existing_type=_choice("stepkind", *KINDS),
            type_=_choice("stepkind", *KINDS, "badge", "subpath"),
            existing_nullable=False,
        )
        batch.alter_column("key", existing_type=sa.String(), nullable=False)
        batch.create_unique_constraint(batch.f("uq_step_version_id_key"), ["version_id", "key"])
        batch.create_foreign_key(batch.f("fk_step_subpath_id"), "path", ["subpath_id"], ["id"])
        batch.create_foreign_key(batch.f("fk_step_pool_id"), "step_pool", ["pool_id"], ["id"])
        batch.create_check_constraint(
            batch.f("ck_step_badge"), "(kind = 'badge') = (badge IS NOT NULL)"
        )
        batch.create_check_constraint(
            batch.f("ck_step_subpath"), "(kind = 'subpath') = (subpath_id IS NOT NULL)"
        )
        batch.create_index(batch.f("ix_step_pool_id"), ["pool_id"])
        batch.create_index(batch.f("ix_step_subpath_id"), ["subpath_id"])


def _name_steps() -> None:
    """Each step gets its key from its code, or else its title, as a file without keys does."""
    step = sa.table(
        "step",
        sa.column("id", sa.Uuid()),
        sa.column("version_id", sa.Uuid()),
        sa.column("position", sa.Integer()),
        sa.column("code", sa.String()),
        sa.column("title", sa.String()),
        sa.column("key", sa.String()),
    )
    connection, taken = op.get_bind(), set()
    rows = connection.execute(
        sa.select(step.c.id, step.c.version_id, step.c.code, step.c.title).order_by(
            step.c.version_id, step.c.position
        )
    ).all()
    for step_id, version_id, code, title in rows:
        words = unicodedata.normalize("NFKD", code if code.strip() else title)
        plain = words.encode("ascii", "ignore").decode().lower()
        stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-") or "etape"
        key, number = stem, 2
        while (version_id, key) in taken:
            key, number = f"{stem}-{number}", number + 1
        taken.add((version_id, key))
        connection.execute(step.update().where(step.c.id == step_id).values(key=key))


def _widen_records() -> None:
    sources = ("declared", "grade_report", "moodle", "badge", "certificate", "xapi")
    with op.batch_alter_table("step_record") as batch:
        batch.add_column(
            sa.Column(
                "source", _choice("source", *sources), nullable=False, server_default="declared"
            )
        )
        batch.add_column(sa.Column("proof", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("brought_by_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            batch.f("fk_step_record_brought_by_id"),
            "user_account",
            ["brought_by_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("step_record") as batch:
        batch.alter_column("source", existing_type=_choice("source", *sources), server_default=None)
        batch.alter_column("proof", existing_type=sa.String(), server_default=None)


def downgrade() -> None:
    raise NotImplementedError("pools, locks and waivers have no place in the older tables")
