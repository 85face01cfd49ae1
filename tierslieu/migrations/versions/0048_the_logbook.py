"""the logbook: who did what, chained, only added to

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import sqlalchemy as sa
import tierslieu.base
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

SQLITE = (
    """
CREATE TRIGGER logbook_entry_keeps BEFORE UPDATE ON logbook_entry
WHEN NOT (
    NEW.number IS OLD.number AND NEW.at IS OLD.at AND NEW.act IS OLD.act
    AND NEW.via IS OLD.via AND NEW.via_ref IS OLD.via_ref AND NEW.about IS OLD.about
    AND NEW.actor_seal IS OLD.actor_seal AND NEW.subject_seal IS OLD.subject_seal
    AND NEW.previous IS OLD.previous AND NEW.digest IS OLD.digest
    AND (NEW.actor_id IS OLD.actor_id OR NEW.actor_id IS NULL)
    AND (NEW.actor_salt IS OLD.actor_salt OR NEW.actor_salt = '')
    AND (NEW.subject_id IS OLD.subject_id OR NEW.subject_id IS NULL)
    AND (NEW.subject_salt IS OLD.subject_salt OR NEW.subject_salt = '')
    AND (NEW.words IS OLD.words OR NEW.words = '')
)
BEGIN SELECT RAISE(ABORT, 'the logbook is only added to'); END
""",
    """
CREATE TRIGGER logbook_entry_stays BEFORE DELETE ON logbook_entry
WHEN OLD.number > COALESCE((SELECT anchor_number FROM logbook_head), 0)
BEGIN SELECT RAISE(ABORT, 'the logbook is only added to'); END
""",
    """
CREATE TRIGGER logbook_head_grows BEFORE UPDATE ON logbook_head
WHEN NEW.length < OLD.length OR NEW.anchor_number < OLD.anchor_number
    OR NEW.anchor_number > NEW.length
BEGIN SELECT RAISE(ABORT, 'the logbook only grows'); END
""",
    """
CREATE TRIGGER logbook_head_stays BEFORE DELETE ON logbook_head
WHEN EXISTS (SELECT 1 FROM logbook_entry)
BEGIN SELECT RAISE(ABORT, 'the logbook only grows'); END
""",
)
POSTGRESQL = (
    """
CREATE OR REPLACE FUNCTION logbook_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'the logbook is only added to';
    ELSIF TG_OP = 'DELETE' THEN
        IF OLD.number > COALESCE((SELECT anchor_number FROM logbook_head), 0) THEN
            RAISE EXCEPTION 'the logbook is only added to';
        END IF;
        RETURN OLD;
    END IF;
    IF NOT (
        NEW.number = OLD.number AND NEW.at = OLD.at AND NEW.act = OLD.act
        AND NEW.via = OLD.via AND NEW.via_ref = OLD.via_ref AND NEW.about = OLD.about
        AND NEW.actor_seal = OLD.actor_seal AND NEW.subject_seal = OLD.subject_seal
        AND NEW.previous = OLD.previous AND NEW.digest = OLD.digest
        AND (NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id OR NEW.actor_id IS NULL)
        AND (NEW.actor_salt = OLD.actor_salt OR NEW.actor_salt = '')
        AND (NEW.subject_id IS NOT DISTINCT FROM OLD.subject_id OR NEW.subject_id IS NULL)
        AND (NEW.subject_salt = OLD.subject_salt OR NEW.subject_salt = '')
        AND (NEW.words = OLD.words OR NEW.words = '')
    ) THEN
        RAISE EXCEPTION 'the logbook is only added to';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE OR REPLACE FUNCTION logbook_head_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF EXISTS (SELECT 1 FROM logbook_entry) THEN
            RAISE EXCEPTION 'the logbook only grows';
        END IF;
        RETURN OLD;
    END IF;
    IF NEW.length < OLD.length OR NEW.anchor_number < OLD.anchor_number
        OR NEW.anchor_number > NEW.length THEN
        RAISE EXCEPTION 'the logbook only grows';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER logbook_entry_keeps BEFORE UPDATE OR DELETE ON logbook_entry
FOR EACH ROW EXECUTE FUNCTION logbook_guard()
""",
    """
CREATE TRIGGER logbook_entry_stays BEFORE TRUNCATE ON logbook_entry
FOR EACH STATEMENT EXECUTE FUNCTION logbook_guard()
""",
    """
CREATE TRIGGER logbook_head_grows BEFORE UPDATE OR DELETE ON logbook_head
FOR EACH ROW EXECUTE FUNCTION logbook_head_guard()
""",
)


def upgrade() -> None:
    op.create_table(
        "logbook_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("via_ref", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_salt", sa.String(), nullable=False),
        sa.Column("actor_seal", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("subject_salt", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("subject_seal", sa.String(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_logbook_entry")),
    )
    for name in ("act", "actor_id", "at", "subject_id"):
        op.create_index(op.f(f"ix_logbook_entry_{name}"), "logbook_entry", [name])
    op.create_table(
        "logbook_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("anchor", sa.String(), nullable=False),
        sa.Column("anchor_number", sa.BigInteger(), nullable=False),
        sa.Column("anchor_at", tierslieu.base.UTCDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_logbook_head_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logbook_head")),
    )
    op.create_table(
        "account_suspension",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user_account.id"],
            name=op.f("fk_account_suspension_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_account_suspension")),
    )
    op.create_table(
        "seeing_as",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("until", tierslieu.base.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["admin_id"],
            ["user_account.id"],
            name=op.f("fk_seeing_as_admin_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["user_account.id"],
            name=op.f("fk_seeing_as_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seeing_as")),
    )
    for name in ("admin_id", "person_id"):
        op.create_index(op.f(f"ix_seeing_as_{name}"), "seeing_as", [name])
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE if sqlite else POSTGRESQL:
        op.execute(statement.strip())


def downgrade() -> None:
    op.drop_table("seeing_as")
    op.drop_table("account_suspension")
    op.drop_table("logbook_entry")
    op.drop_table("logbook_head")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION logbook_guard")
        op.execute("DROP FUNCTION logbook_head_guard")
