"""versions of badges: drafts, level, English, a picture of one's own

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TEXTS = ("name_en", "description_en", "criteria_en", "ground", "mark", "text")


def upgrade() -> None:
    with op.batch_alter_table("badge_class") as batch_op:
        for name in TEXTS:
            batch_op.add_column(sa.Column(name, sa.String(), nullable=True))
        batch_op.add_column(sa.Column("version", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("previous_id", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column("published_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True)
        )
        batch_op.add_column(
            sa.Column(
                "level",
                sa.Enum(
                    "initiation",
                    "approfondissement",
                    "expertise",
                    name="level",
                    native_enum=False,
                    create_constraint=True,
                    length=32,
                ),
                nullable=True,
            )
        )
    # What stands today is the first version of each badge, in French, awarded by everybody.
    badges = sa.table(
        "badge_class",
        *(sa.column(name, sa.String()) for name in TEXTS),
        sa.column("version", sa.Integer()),
        sa.column("created_at", sa.DateTime()),
        sa.column("published_at", sa.DateTime()),
    )
    op.execute(
        badges.update().values(
            version=1, published_at=badges.c.created_at, **dict.fromkeys(TEXTS, "")
        )
    )
    with op.batch_alter_table("badge_class") as batch_op:
        for name in TEXTS:
            batch_op.alter_column(name, existing_type=sa.String(), nullable=False)
        batch_op.alter_column("version", existing_type=sa.Integer(), nullable=False)
        batch_op.create_check_constraint("version", "version >= 1")
        batch_op.create_check_constraint("previous", "(version = 1) = (previous_id IS NULL)")
        batch_op.create_unique_constraint(op.f("uq_badge_class_previous_id"), ["previous_id"])
        batch_op.create_foreign_key(
            op.f("fk_badge_class_previous_id"), "badge_class", ["previous_id"], ["id"]
        )
    op.create_table(
        "badge_picture",
        sa.Column("badge_id", sa.Uuid(), nullable=False),
        sa.Column("svg", sa.String(), nullable=True),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["badge_id"],
            ["badge_class.id"],
            name=op.f("fk_badge_picture_badge_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("badge_id", name=op.f("pk_badge_picture")),
    )


def downgrade() -> None:
    op.drop_table("badge_picture")
    with op.batch_alter_table("badge_class") as batch_op:
        batch_op.drop_constraint(op.f("fk_badge_class_previous_id"), type_="foreignkey")
        batch_op.drop_constraint(op.f("uq_badge_class_previous_id"), type_="unique")
        batch_op.drop_constraint(op.f("ck_badge_class_previous"), type_="check")
        batch_op.drop_constraint(op.f("ck_badge_class_version"), type_="check")
        batch_op.drop_constraint(op.f("ck_badge_class_level"), type_="check")
        for name in ("level", "published_at", "previous_id", "version", *reversed(TEXTS)):
            batch_op.drop_column(name)
