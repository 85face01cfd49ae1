"""research packages that are kept

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

INSTANT = tierslieu.base.UTCDateTime(timezone=True)
ASKED = sa.text("state = 'asked'")


def upgrade() -> None:
    op.create_table(
        "research_package",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("study_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "built",
                "refused",
                name="packagestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by_id", sa.Uuid(), nullable=True),
        sa.Column("leased_until", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("participants", sa.Integer(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'built') = (sha256 <> '')", name=op.f("ck_research_package_built")
        ),
        sa.ForeignKeyConstraint(
            ["study_id"], ["study.id"], name=op.f("fk_research_package_study_id")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"],
            ["user_account.id"],
            name=op.f("fk_research_package_asked_by_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_research_package")),
    )
    op.create_index(
        "uq_research_package_asked",
        "research_package",
        ["study_id"],
        unique=True,
        sqlite_where=ASKED,
        postgresql_where=ASKED,
    )
    op.create_index(op.f("ix_research_package_study_id"), "research_package", ["study_id"])


def downgrade() -> None:
    op.drop_table("research_package")
