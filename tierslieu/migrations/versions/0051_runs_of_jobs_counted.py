"""runs of jobs are counted: done and failed, whichever host ran them

Revision ID: 0051
Revises: 0050
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("done_runs", "failed_runs"):
        op.add_column("job_run", sa.Column(name, sa.Integer(), server_default="0", nullable=False))


def downgrade() -> None:
    for name in ("failed_runs", "done_runs"):
        op.drop_column("job_run", name)
