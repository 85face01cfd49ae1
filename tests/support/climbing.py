"""What a database holds before and after a migration, and what was lost between the two."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from tests.support.filling import Filler, reflect

Rows = dict[tuple[Any, ...], dict[str, Any]]


@dataclass
class Climber:
    """Looks at a database after each migration, and puts rows into what is new."""

    held: dict[str, Rows] = field(default_factory=dict)  # rows by table, then by primary key
    number: int = 0
    known: dict[str, str] = field(default_factory=dict)  # how each table was defined

    def arrive(self, connection: Connection, *, fills: bool = True) -> list[str]:
        """A sentence for each table, column or row that is gone since the last time, each value
        that is another and each foreign key that leads nowhere. Then rows are put into each table
        that is new or changed: one with as much in it as it takes, one with as little."""
        tables = reflect(connection)
        now = {table.name: _rows(connection, table) for table in tables}
        found = _losses(self.held, now) + _orphans(connection, tables)
        if not fills:
            self.held = now
            return found
        filler = Filler(connection, self.number)
        for table in tables:
            defined = repr([(c.name, c.nullable) for c in table.columns])
            defined += repr(sorted(filler.checks.get(table.name, ())))
            if defined == self.known.get(table.name):
                continue
            took = [filler.fill(table, whole=whole) for whole in (True, False)]
            # A table of one row takes no second; one that is new takes a first.
            assert any(took) or now[table.name], f"nothing could be put into {table.name}"
            self.known[table.name] = defined
            now[table.name] = _rows(connection, table)
        self.held, self.number = now, filler.number
        return found


def _rows(connection: Connection, table: sa.Table) -> Rows:
    names = [column.name for column in table.primary_key.columns]
    return {
        tuple(row[name] for name in names): dict(row)
        for row in connection.execute(sa.select(table)).mappings()
    }


def _losses(before: dict[str, Rows], after: dict[str, Rows]) -> list[str]:
    found = {f"{name} is gone" for name in set(before) - set(after)}
    for name in set(before) & set(after):
        for key, row in before[name].items():
            now = after[name].get(key)
            if now is None:
                found.add(f"a row of {name} is gone")
                continue
            found |= {f"{name}.{c} changed" for c in row if c in now and row[c] != now[c]}
            found |= {f"{name}.{c} is gone" for c in row if c not in now}
    return sorted(found)


def _orphans(connection: Connection, tables: list[sa.Table]) -> list[str]:
    if connection.dialect.name == "sqlite":
        asked = connection.exec_driver_sql("PRAGMA foreign_key_check")
        return [f"a row of {row[0]} names a row of {row[2]} that is not there" for row in asked]
    # PostgreSQL lets none be made; that nobody left a key unchecked is what can be asked.
    unsure = "SELECT conname FROM pg_constraint WHERE contype = 'f' AND NOT convalidated"
    return [f"{name} is not checked" for name in connection.scalars(sa.text(unsure))]
