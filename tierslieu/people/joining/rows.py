"""Turning rows from one account, or from one of its things, to another: plain statements over the
tables as they are declared, so that a new table is turned without being named here."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import Column, Table, UniqueConstraint, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from tierslieu.base import Base

ACCOUNTS = "user_account"


def list_columns(table: str) -> Iterator[Column[UUID]]:
    """Every column of the house that points at ``table``, in the order of the tables."""
    for one in Base.metadata.sorted_tables:
        for column in one.columns:
            if any(key.column.table.name == table for key in column.foreign_keys):
                yield column


def list_unique(table: Table, person: Column[UUID]) -> Iterator[tuple[str, ...]]:
    """The names of the columns that, with ``person``, may be there once: the key, constraints and
    unique indexes of ``table`` in which it takes part."""
    key = tuple(column.name for column in table.primary_key.columns)
    constraints = [
        tuple(column.name for column in one.columns)
        for one in table.constraints
        if isinstance(one, UniqueConstraint)
    ]
    indexes = [tuple(column.name for column in one.columns) for one in table.indexes if one.unique]
    for names in sorted({key, *constraints, *indexes}):
        if person.name in names:
            yield names


def turn(db: Session, table: str, gone: UUID, kept: UUID) -> None:
    """Whatever points at the row ``gone`` of ``table`` points at ``kept``."""
    for column in list_columns(table):
        db.execute(update(column.table).where(column == gone).values({column.name: kept}))


def drop_doubles(db: Session, table: str, gone: UUID, kept: UUID, *, of: str = ACCOUNTS) -> None:
    """Remove the rows of ``table`` that point at ``gone`` beside which ``kept`` has one under the
    same key; both are accounts, or rows of the table ``of``."""
    for column in list_columns(of):
        if column.table.name != table:
            continue
        theirs = column.table.alias()
        for names in list_unique(column.table, column):
            same = [theirs.c[name] == column.table.c[name] for name in names if name != column.name]
            db.execute(
                delete(column.table).where(
                    column == gone,
                    exists(
                        select(theirs.c[column.name]).where(
                            and_(theirs.c[column.name] == kept, *same)
                        )
                    ),
                )
            )
