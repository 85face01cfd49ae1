"""Rows for every table of a database, by what the database says of its own tables: columns, keys,
CHECK constraints, unique indexes. It knows no model, so it fills any revision of the schema."""

from __future__ import annotations

import itertools
import re
import uuid
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

Row = dict[str, Any]
NOT_OURS = ("alembic_version", "huey_")
BASE = datetime(2026, 1, 5, 10, tzinfo=UTC)
MOST_TRIES = 4000  # combinations of values that are tried for one row
#: What the code of every revision held, though the database did not ask for it yet: rows against it
#: were never there. Each is asked where the table has the columns it names.
ALWAYS: dict[str, list[str]] = {
    # A condition names what it asks for: the rules of badges refused others from the first day.
    "badge_criterion": [
        "kind <> 'path_completed' OR path_id IS NOT NULL",
        "(kind = 'step_done') = (step_id IS NOT NULL)",
    ],
}
_space = uuid.UUID("6f1f0c5e-0000-4000-8000-7469657273aa")


def reflect(connection: Connection) -> list[sa.Table]:
    """The tables of the place, those first to which others refer."""
    found = sa.MetaData()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", sa.exc.SAWarning)  # tables that refer to each other
        found.reflect(connection)
        tables = [t for t in found.sorted_tables if not t.name.startswith(NOT_OURS)]
    if connection.dialect.name == "sqlite":
        for column in (c for t in tables for c in t.columns):
            if isinstance(column.type, sa.CHAR) and column.type.length == 32:
                column.type = sa.Uuid()  # how SQLite keeps them
    return tables


def checks_of(connection: Connection) -> dict[str, list[str]]:
    """The conditions of the CHECK constraints of each table, as the database words them."""
    found = sa.inspect(connection).get_multi_check_constraints()
    return {name: [c["sqltext"] for c in held] for (_, name), held in found.items()}


class Filler:
    """Puts rows into tables, one after the other; remembers what each table could be given."""

    def __init__(self, connection: Connection, number: int = 0) -> None:
        self.connection = connection
        self.checks = checks_of(connection)
        self.number = number  # of rows tried; the values of each are made from it

    def fill(self, table: sa.Table, *, whole: bool) -> bool:
        """Add a row: with a value in every column that takes one (``whole``), or only in those
        that need one. False if the table takes no further row (its keys are all used)."""
        self.number += 1
        checks = [f"({check})" for check in self.checks.get(table.name, ())]
        checks += [f"({rule})" for rule in ALWAYS.get(table.name, ())]
        known = self._keys(table)
        if known is None:
            return False
        choices = {
            c.name: self._choices(c, known, checks, whole=whole)
            for c in table.columns
            if not _gives_itself(c)
        }
        if any(not values for values in choices.values()):
            return False
        return any(
            self._insert(table, row)
            for row in itertools.islice(self._allowed(table, choices, checks), 60)
        )

    # --- values ----------------------------------------------------------------------------------

    def _keys(self, table: sa.Table) -> dict[str, list[Any]] | None:
        """For each column that refers to a row: what it may hold. None if there must be one and
        there is none."""
        found: dict[str, list[Any]] = {}
        for constraint in table.foreign_key_constraints:
            for element in constraint.elements:
                column, theirs = element.parent, element.column
                held = list(self.connection.scalars(sa.select(theirs).order_by(theirs).limit(12)))
                if column.name in found:
                    held = [value for value in found[column.name] if value in held]
                if not held and not column.nullable:
                    return None
                turn = self.number % len(held) if held else 0
                found[column.name] = held[turn:] + held[:turn]
        return found

    def _choices(
        self,
        column: sa.Column[Any],
        known: Mapping[str, list[Any]],
        checks: list[str],
        *,
        whole: bool,
    ) -> list[Any]:
        values = known[column.name] if column.name in known else self._plain(column, checks)
        if not column.nullable:
            return list(values)
        return [*values, None] if whole else [None, *values]

    def _plain(self, column: sa.Column[Any], checks: list[str]) -> list[Any]:
        kind, n = column.type, self.number
        if isinstance(kind, sa.Uuid):
            return [uuid.uuid5(_space, f"{column.table.name}.{column.name}.{n}")]
        if isinstance(kind, sa.Boolean):
            return [False, True]
        if isinstance(kind, sa.Integer):
            return [n, *range(4)] if column.primary_key else [1, 0, 2, 3, n]
        if isinstance(kind, sa.Numeric | sa.Float):
            return [1, 0, 2]
        if isinstance(kind, sa.DateTime):
            at = BASE + timedelta(minutes=n)
            moments = [at, at + timedelta(days=1), at + timedelta(days=2)]
            return moments if kind.timezone else [m.replace(tzinfo=None) for m in moments]
        if isinstance(kind, sa.Date):
            return [date(2026, 1, 5) + timedelta(days=n % 300 + more) for more in range(3)]
        if isinstance(kind, sa.Time):
            return [time(10), time(12)]
        if isinstance(kind, sa.JSON):
            return [{}, []]
        if isinstance(kind, sa.LargeBinary):
            return [b"x%d" % n]
        return self._words(column, checks)

    def _words(self, column: sa.Column[Any], checks: list[str]) -> list[str]:
        """A word of its own, and those that a CHECK compares this column with."""
        named = rf"\b{re.escape(column.name)}\b"
        said = [check for check in checks if re.search(named, check)]
        words = [word for check in said for word in re.findall(r"'([^']*)'", check)]
        own = f"{column.name} {self.number}"
        if "mail" in column.name:
            own = f"{column.name}-{self.number}@lieu.example"
        # An enumeration: the words it lists, and no other.
        one_of = rf"{named}\"?\)?(::text)?\s*(IN|= ANY)\b"
        if any(re.search(one_of, check) for check in said):
            return list(dict.fromkeys(words))
        return list(dict.fromkeys([own, *words, ""]))

    # --- rows ------------------------------------------------------------------------------------

    def _allowed(
        self, table: sa.Table, choices: Mapping[str, list[Any]], checks: list[str]
    ) -> Iterator[Row]:
        """Rows that no CHECK of the table refuses, the likeliest first."""
        row = {name: values[0] for name, values in choices.items()}
        for _ in range(len(checks) + 1):
            wrong = self._refused(table, row, checks)
            if not wrong:
                break
            row = self._mended(table, row, choices, checks, wrong) or row
        if self._refused(table, row, checks):
            raise AssertionError(
                f"no row was found for {table.name}: {self._refused(table, row, checks)}"
            )
        yield row
        # A unique key may be taken: other rows of the tables it refers to.
        keys = [
            c.name for c in table.columns if c.foreign_keys and len(choices.get(c.name, ())) > 1
        ]
        others = [
            n for n in choices if n in _in_unique(table) and n not in keys and len(choices[n]) > 1
        ]
        for values in itertools.islice(
            itertools.product(*(choices[name] for name in [*others, *keys])), MOST_TRIES
        ):
            other = row | dict(zip([*others, *keys], values, strict=True))
            if other != row and not self._refused(table, other, checks):
                yield other

    def _mended(
        self,
        table: sa.Table,
        row: Row,
        choices: Mapping[str, list[Any]],
        checks: list[str],
        wrong: list[str],
    ) -> Row | None:
        """The row with the first wrong check put right, and fewer wrong than before."""
        for check in wrong:
            names = [n for n in choices if re.search(rf"\b{re.escape(n)}\b", check)]
            best: tuple[int, Row] | None = None
            for values in itertools.islice(
                itertools.product(*(choices[n] for n in names)), MOST_TRIES
            ):
                other = row | dict(zip(names, values, strict=True))
                left = len(self._refused(table, other, checks))
                if left < len(wrong) and (best is None or left < best[0]):
                    best = left, other
                if left == 0:
                    break
            if best is not None:
                return best[1]
        return None

    def _refused(self, table: sa.Table, row: Row, checks: list[str]) -> list[str]:
        if not checks:
            return []
        columns = ", ".join(
            f":{c.name} AS {_quoted(c.name)}" for c in table.columns if c.name in row
        )
        if self.connection.dialect.name == "postgresql":
            columns = ", ".join(
                f"CAST(:{c.name} AS {c.type.compile(self.connection.dialect)}) AS {_quoted(c.name)}"
                for c in table.columns
                if c.name in row
            )
        asked = sa.text(f"SELECT {', '.join(checks)} FROM (SELECT {columns}) AS one")
        kinds = [sa.bindparam(c.name, type_=c.type) for c in table.columns if c.name in row]
        says = self.connection.execute(asked.bindparams(*kinds), row).one()
        return [check for check, holds in zip(checks, says, strict=True) if holds in (0, False)]

    def _insert(self, table: sa.Table, row: Row) -> bool:
        try:
            with self.connection.begin_nested():
                self.connection.execute(table.insert().values(**row))
        except sa.exc.IntegrityError:
            return False
        return True


def _quoted(name: str) -> str:
    return f'"{name}"'


def _gives_itself(column: sa.Column[Any]) -> bool:
    """A number that the database counts itself."""
    only = len(column.table.primary_key.columns) == 1
    counts = column.server_default is not None or column.autoincrement is True
    return bool(column.primary_key and only and isinstance(column.type, sa.Integer) and counts)


def _in_unique(table: sa.Table) -> set[str]:
    found = {c.name for c in table.primary_key.columns}
    for index in table.indexes:
        if index.unique:
            found |= {c.name for c in index.columns}
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            found |= {c.name for c in constraint.columns}
    return found
