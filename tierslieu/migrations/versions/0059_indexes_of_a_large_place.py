"""what pages of a large place ask for, found by an index

Revision ID: 0059
Revises: 0058
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


RENEWS = "renews_id IS NOT NULL"
WITHDRAWN = "revoked_at IS NOT NULL"
PRINTABLE = (
    "revoked_at IS NULL AND renewed_at IS NULL AND suspended_at IS NULL "
    "AND credential != '' AND holder_name != ''"
)
LED = "ix_session_facilitator_user_id_ends_at"
DECIDED = "ix_step_record_decided"


def upgrade() -> None:
    op.drop_index(op.f("ix_award_badge_id"), "award")  # the next one begins with it
    op.create_index("ix_award_badge_id_awarded_at", "award", ["badge_id", "awarded_at"])
    for name, columns, rows in (
        ("ix_award_withdrawn", ["badge_id", "revoked_at"], sa.text(WITHDRAWN)),
        ("ix_award_printable", ["badge_id", "is_named", "sharing"], sa.text(PRINTABLE)),
    ):
        op.create_index(name, "award", columns, sqlite_where=rows, postgresql_where=rows)
    op.drop_index(op.f("ix_award_renews_id"), "award")
    rows = sa.text(RENEWS)
    op.create_index(
        "ix_award_renews_id", "award", ["renews_id"], sqlite_where=rows, postgresql_where=rows
    )
    op.drop_index(op.f("ix_logbook_entry_act"), "logbook_entry")  # the next one begins with it
    op.create_index("ix_logbook_entry_act_number", "logbook_entry", ["act", "number"])
    op.create_index(op.f("ix_user_roles_role_id"), "user_roles", ["role_id"])
    op.create_index(DECIDED, "step_record", ["decided_by_id", "state", "decided_at"])
    op.create_index(LED, "session_facilitator", ["user_id", "ends_at"])
    op.create_index(op.f("ix_learning_session_ends_at"), "learning_session", ["ends_at"])
    op.drop_index(op.f("ix_enrolment_path_id"), "enrolment")  # the next one begins with it
    op.create_index("ix_enrolment_path_id_status", "enrolment", ["path_id", "status"])


def downgrade() -> None:
    op.drop_index("ix_enrolment_path_id_status", "enrolment")
    op.create_index(op.f("ix_enrolment_path_id"), "enrolment", ["path_id"])
    op.drop_index(op.f("ix_learning_session_ends_at"), "learning_session")
    op.drop_index(LED, "session_facilitator")
    op.drop_index(DECIDED, "step_record")
    op.drop_index(op.f("ix_user_roles_role_id"), "user_roles")
    op.drop_index("ix_logbook_entry_act_number", "logbook_entry")
    op.create_index(op.f("ix_logbook_entry_act"), "logbook_entry", ["act"])
    op.drop_index("ix_award_renews_id", "award")
    op.create_index(op.f("ix_award_renews_id"), "award", ["renews_id"])
    for name in ("printable", "withdrawn", "badge_id_awarded_at"):
        op.drop_index(f"ix_award_{name}", "award")
    op.create_index(op.f("ix_award_badge_id"), "award", ["badge_id"])
