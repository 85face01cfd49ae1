"""Rows as lines of JSON, the same from either database: what a backup holds of a table.

A row is an object of its columns by name. Instants are UTC without zone to the microsecond, UUIDs
have their hyphens, bytes are base64; a JSON column holds its text as the database keeps it (so
that the JSON ``null`` and no value stay apart). Which column is what is asked of the database, not
of the models: a backup of an older revision is put back at that revision.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import MetaData, Table, types
from sqlalchemy.engine import Connection

AT_ONCE = 500  # rows
Row = dict[str, Any]


def read_tables(connection: Connection, names: Collection[str]) -> list[Table]:
    """These tables as the database describes them, those first to which others refer."""
    metadata = MetaData()
    metadata.reflect(connection, only=sorted(names))
    return [table for table in metadata.sorted_tables if table.name in names]


def _kind(column: Any) -> str:
    kind = column.type
    if isinstance(kind, types.Uuid):
        return "uuid"
    if isinstance(kind, types.DateTime):
        return "instant" if kind.timezone else "wall"
    if isinstance(kind, types.CHAR) and kind.length == 32:
        return "uuid"  # how SQLite keeps them; every other text is VARCHAR
    for cls, name in (
        (types.Boolean, "bool"),
        (types.Date, "date"),
        (types.JSON, "json"),
        (types.LargeBinary, "bytes"),
        (types.String, "text"),
    ):
        if isinstance(kind, cls):
            return name
    return "plain"


def _utc(value: datetime | str) -> str:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.isoformat(timespec="microseconds")


_OUT: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda value: str(value if isinstance(value, UUID) else UUID(value)),
    "instant": _utc,
    "wall": _utc,
    "date": lambda value: value.isoformat() if isinstance(value, date) else value,
    "bool": bool,
    "bytes": lambda value: b64encode(value).decode("ascii"),
}
_IN_SQLITE: dict[str, Callable[[Any], Any]] = {
    "uuid": lambda text: UUID(text).hex,
    "instant": lambda text: text.replace("T", " "),
    "wall": lambda text: text.replace("T", " "),
    "bool": int,
    "bytes": b64decode,
}
_IN_POSTGRESQL: dict[str, Callable[[Any], Any]] = {
    "instant": lambda text: text + "+00:00",
    "bytes": b64decode,
}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _order(table: Table, is_sqlite: bool) -> str:
    # The same order in both: PostgreSQL would order texts by its language.
    return ", ".join(
        _quoted(column.name) + ("" if is_sqlite or _kind(column) != "text" else ' COLLATE "C"')
        for column in table.primary_key.columns
    )


def read_rows(connection: Connection, table: Table) -> Iterator[bytes]:
    """Each row as a line, in the order of its primary key, a few at a time."""
    is_sqlite = connection.dialect.name == "sqlite"
    columns = sorted(table.columns, key=lambda column: column.name)
    kinds = [(column.name, _OUT.get(_kind(column))) for column in columns]
    asked = ", ".join(
        _quoted(c.name) + ("::text" if not is_sqlite and _kind(c) == "json" else "")
        for c in columns
    )
    found = connection.exec_driver_sql(
        f"SELECT {asked} FROM {_quoted(table.name)} ORDER BY {_order(table, is_sqlite)}",  # noqa: S608
        execution_options={"stream_results": True, "yield_per": AT_ONCE},
    )
    for row in found:
        said = {
            name: value if value is None or out is None else out(value)
            for (name, out), value in zip(kinds, row, strict=True)
        }
        yield json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _values(table: Table, rows: Iterable[Row], is_sqlite: bool) -> Iterator[tuple[Any, ...]]:
    into = _IN_SQLITE if is_sqlite else _IN_POSTGRESQL
    kinds = [(column.name, into.get(_kind(column))) for column in table.columns]
    names = {name for name, _ in kinds}
    for row in rows:
        if set(row) != names:
            raise ValueError(f"a row of {table.name} has other columns than the table")
        yield tuple(
            row[name] if row[name] is None or to is None else to(row[name]) for name, to in kinds
        )


def write_rows(connection: Connection, table: Table, rows: Iterable[Row]) -> int:
    """Put rows into an empty table; how many. PostgreSQL looks at foreign keys when all are in."""
    is_sqlite = connection.dialect.name == "sqlite"
    driver: Any = connection.connection.driver_connection
    names = ", ".join(_quoted(column.name) for column in table.columns)
    count = 0
    if is_sqlite:
        marks = ", ".join("?" * len(table.columns))
        cursor = driver.cursor()
        cursor.executemany(
            f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({marks})",  # noqa: S608
            _values(table, rows, is_sqlite),
        )
        return max(0, int(cursor.rowcount))
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {_quoted(table.name)} ({names}) FROM STDIN") as copy,
    ):
        for values in _values(table, rows, is_sqlite):
            copy.write_row(values)
            count += 1
    return count


def set_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL: numbers given by itself go on after the last one (SQLite sees to it)."""
    if connection.dialect.name == "sqlite":
        return
    for table in tables:
        for column in table.primary_key.columns:
            if _kind(column) != "plain":
                continue
            name, place = _quoted(column.name), _quoted(table.name)
            connection.exec_driver_sql(
                f"SELECT setval(sequence, greatest(last, 1), last > 0) FROM (SELECT "  # noqa: S608
                f"pg_get_serial_sequence('{place}', '{column.name}') AS sequence, "
                f"(SELECT coalesce(max({name}), 0) FROM {place}) AS last) AS found "
                "WHERE sequence IS NOT NULL"
            )
