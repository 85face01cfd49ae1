"""What the database itself refuses of the logbook, on both kinds: rows are added, never changed; a
person may be forgotten; what lies before the anchor may be swept; the head only grows."""

from __future__ import annotations

from sqlalchemy import DDL

_SQLITE = (
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
_POSTGRESQL = (
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


def guards_of(dialect: str) -> list[DDL]:
    """The statements that make the database refuse, for that kind alone."""
    texts = _SQLITE if dialect == "sqlite" else _POSTGRESQL
    return [DDL(text.strip()).execute_if(dialect=dialect) for text in texts]  # type: ignore[no-untyped-call]
