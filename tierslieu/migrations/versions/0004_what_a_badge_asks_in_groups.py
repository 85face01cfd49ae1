"""badges ask groups of conditions, other badges, judgements; some are awarded automatically

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KINDS = ("path_completed", "step_done", "half_days", "session_attended")


def _kinds(*values: str) -> sa.Enum:
    return sa.Enum(
        *values, name="criterionkind", native_enum=False, create_constraint=True, length=32
    )


# In the order of the model: constraints are compared by their words.
ALL_KINDS = (
    "path_completed",
    "step_done",
    "half_days",
    "hours",
    "session_attended",
    "badge_held",
    "judgement",
)


def upgrade() -> None:
    op.create_table(
        "badge_criterion_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("needed", sa.Integer(), nullable=True),
        sa.CheckConstraint("needed >= 1", name=op.f("ck_badge_criterion_group_needed")),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["badge_class.id"],
            name=op.f("fk_badge_criterion_group_badge_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badge_criterion_group")),
    )
    with op.batch_alter_table("badge_criterion_group") as batch:
        batch.create_index(batch.f("ix_badge_criterion_group_badge_id"), ["badge_id"])
    with op.batch_alter_table("badge_class") as batch:
        batch.add_column(
            sa.Column("automatic", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("badge_class") as batch:
        batch.alter_column("automatic", existing_type=sa.Boolean(), server_default=None)
    _group_criteria()
    with op.batch_alter_table("award") as batch:
        batch.add_column(
            sa.Column("is_automatic", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("award") as batch:
        batch.alter_column("is_automatic", existing_type=sa.Boolean(), server_default=None)
    op.create_table(
        "award_judgement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("is_reason_public", sa.Boolean(), nullable=False),
        sa.Column("evidence_url", sa.String(), nullable=False),
        sa.Column("is_url_public", sa.Boolean(), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_award_judgement_reason")),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_award_judgement_award_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award_judgement")),
    )
    with op.batch_alter_table("award_judgement") as batch:
        batch.create_index(batch.f("ix_award_judgement_award_id"), ["award_id"])


def _group_criteria() -> None:
    """All that a badge asks becomes one group of which all is asked, as it was until now."""
    with op.batch_alter_table("badge_criterion") as batch:
        batch.add_column(sa.Column("group_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("asked_badge_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("statement", sa.String(), nullable=False, server_default=""))
    criteria = sa.table(
        "badge_criterion", sa.column("badge_id", sa.Uuid()), sa.column("group_id", sa.Uuid())
    )
    groups = sa.table(
        "badge_criterion_group",
        sa.column("id", sa.Uuid()),
        sa.column("badge_id", sa.Uuid()),
        sa.column("position", sa.Integer()),
    )
    connection = op.get_bind()
    for badge_id in connection.scalars(sa.select(criteria.c.badge_id).distinct()).all():
        group_id = uuid.uuid4()
        connection.execute(groups.insert().values(id=group_id, badge_id=badge_id, position=0))
        connection.execute(
            criteria.update().where(criteria.c.badge_id == badge_id).values(group_id=group_id)
        )
    with op.batch_alter_table("badge_criterion") as batch:
        batch.drop_index(batch.f("ix_badge_criterion_badge_id"))
        batch.drop_constraint(batch.f("fk_badge_criterion_badge_id"), type_="foreignkey")
        batch.drop_column("badge_id")
    with op.batch_alter_table("badge_criterion") as batch:
        batch.alter_column(
            "kind", existing_type=_kinds(*KINDS), type_=_kinds(*ALL_KINDS), existing_nullable=False
        )
        batch.alter_column("group_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("statement", existing_type=sa.String(), server_default=None)
        batch.create_foreign_key(
            batch.f("fk_badge_criterion_group_id"),
            "badge_criterion_group",
            ["group_id"],
            ["id"],
            ondelete="CASCADE",
        )
        batch.create_foreign_key(
            batch.f("fk_badge_criterion_asked_badge_id"), "badge_class", ["asked_badge_id"], ["id"]
        )
        batch.create_index(batch.f("ix_badge_criterion_group_id"), ["group_id"])
        batch.create_index(batch.f("ix_badge_criterion_asked_badge_id"), ["asked_badge_id"])
        batch.create_check_constraint(
            batch.f("ck_badge_criterion_path"), "kind <> 'path_completed' OR path_id IS NOT NULL"
        )
        batch.create_check_constraint(
            batch.f("ck_badge_criterion_step"), "(kind = 'step_done') = (step_id IS NOT NULL)"
        )
        batch.create_check_constraint(
            batch.f("ck_badge_criterion_badge"),
            "(kind = 'badge_held') = (asked_badge_id IS NOT NULL)",
        )
        batch.create_check_constraint(
            batch.f("ck_badge_criterion_statement"), "(kind = 'judgement') = (statement <> '')"
        )


def downgrade() -> None:
    raise NotImplementedError("what «some of these» asks has no place in the older tables")
