"""figures made at night; indexes that find which questionnaires were answered, and who began when

Revision ID: 0057
Revises: 0056
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tierslieu.base import UTCDateTime

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nightly_figures",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=True),
        sa.Column("asked_at", UTCDateTime(), nullable=True),
        sa.Column("leased_until", UTCDateTime(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.CheckConstraint(
            "(made_at IS NULL) = (content IS NULL)", name=op.f("ck_nightly_figures_made")
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_nightly_figures")),
    )
    op.create_index(
        op.f("ix_response_sheet_instrument_id"), "response_sheet", ["instrument_id"], unique=False
    )
    op.create_index(op.f("ix_enrolment_started_at"), "enrolment", ["started_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_enrolment_started_at"), table_name="enrolment")
    op.drop_index(op.f("ix_response_sheet_instrument_id"), table_name="response_sheet")
    op.drop_table("nightly_figures")
