"""What a database says its tables, constraints, indexes and triggers are.

Alembic's own comparison sees neither CHECK constraints nor the WHERE of an index, so the
databases are asked for their own definitions.
"""

from __future__ import annotations

import re

from sqlalchemy import Engine, text

PG_DEFINITIONS = """
SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint ' || conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index ' || indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger ' || pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function ' || pg_get_functiondef(oid) FROM pg_proc
  WHERE pronamespace = 'public'::regnamespace
"""
SQLITE_DEFINITIONS = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"


def _normal(definition: str) -> str:
    return re.sub(r"\s+", " ", definition.replace('"', "")).replace("( ", "(").replace(" )", ")")


def definitions(engine: Engine) -> set[str]:
    """What the database says its tables, constraints and indexes are."""
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        rows = connection.execute(text(SQLITE_DEFINITIONS if sqlite else PG_DEFINITIONS)).scalars()
        found = {_normal(row) for row in rows if "alembic_version" not in row}
    if sqlite:  # the order of constraints inside CREATE TABLE is nobody's business
        found = {
            re.sub(r"\((.*)\)", lambda m: "(" + "|".join(sorted(m[1].split(", "))) + ")", row)
            for row in found
        }
    return found
