"""Who is concerned when data may have leaked: GDPR, articles 33 and 34.

Nobody knows what was read by whom who was not allowed in. So it is everybody on whom data of the
activity existed at the end of the window; those whose data changed within it are marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Table, Uuid, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from tierslieu.base import Base, UTCDateTime
from tierslieu.people.models import User
from tierslieu.register import points_to_person

# Columns that name by their address somebody who may have no account.
ADDRESSES = frozenset({"email", "guest_email", "recipient_email", "recipient", "contact_email"})
NOWHERE = ".invalid"  # RFC 2606: who left, or was made nameless
DEEPEST = 3  # tables between a row and the person it is about


@dataclass
class Concerned:
    """Somebody to notify: by their account, or by an address that has none."""

    email: str
    name: str = ""
    has_account: bool = True
    changed: bool = False
    tables: set[str] = field(default_factory=set)


@dataclass
class Breach:
    """Who is concerned. ``unreachable``: accounts closed since, of whom no address is kept."""

    concerned: list[Concerned]
    unreachable: int
    rows: dict[str, int]


def find_concerned(db: Session, tables: Sequence[str], since: datetime, until: datetime) -> Breach:
    """Everybody on whom these tables held something in the half-open window."""
    by_account: dict[UUID, Concerned] = {}
    by_address: dict[str, Concerned] = {}
    rows = {}
    for name in tables:
        table = Base.metadata.tables[name]
        rows[name] = (
            db.scalar(select(func.count()).select_from(table).where(_existed(table, until))) or 0
        )
        for user_id, changed in _people(db, table, since, until):
            one = by_account.setdefault(user_id, Concerned(""))
            one.changed |= changed
            one.tables.add(name)
        for address, changed in _addresses(db, table, since, until):
            one = by_address.setdefault(address, Concerned(address, has_account=False))
            one.changed |= changed
            one.tables.add(name)
    found = _named(db, by_account, by_address)
    everybody = sorted(found, key=lambda one: (one.email, not one.has_account))
    return Breach(everybody, len(by_account) - sum(o.has_account for o in found), rows)


def _named(
    db: Session, by_account: dict[UUID, Concerned], by_address: dict[str, Concerned]
) -> list[Concerned]:
    found = []
    for user in db.scalars(select(User).where(User.active).order_by(User.id)):
        held = by_account.get(user.id)
        mailed = by_address.pop(user.email, None)
        if held is None and mailed is None:
            continue
        one = Concerned(user.email, user.name)
        for part in (held, mailed):
            if part is not None:
                one.changed |= part.changed
                one.tables |= part.tables
        found.append(one)
        by_account.setdefault(user.id, one)
    return [*found, *by_address.values()]


def _people(
    db: Session, table: Table, since: datetime, until: datetime
) -> Iterator[tuple[UUID, bool]]:
    for joined, columns in _ways(table):
        for column in columns:
            query = (
                select(column, func.max(case((_changed(table, since, until), 1), else_=0)))
                .select_from(joined)
                .where(column.is_not(None), _existed(table, until))
                .group_by(column)
            )
            for user_id, changed in db.execute(query):
                yield user_id, bool(changed)


def _ways(table: Table) -> Iterable[tuple[Any, Sequence[Column[Any]]]]:
    """The table, joined upwards until a table names people."""
    if table.name == "user_account":
        return [(table, [table.c.id])]
    joined: Any = table
    seen, edge = {table.name}, [table]
    for _depth in range(DEEPEST + 1):
        people = [column for one in edge for column in one.columns if points_to_person(column)]
        if people:
            return [(joined, people)]
        edge, below = [], edge
        for one in below:
            for constraint in sorted(one.foreign_key_constraints, key=lambda c: str(c.name)):
                parent = constraint.referred_table
                if parent.name in seen:
                    continue
                seen.add(parent.name)
                on = and_(*(key.parent == key.column for key in constraint.elements))
                joined = joined.outerjoin(parent, on)
                edge.append(parent)
    return []


def _addresses(
    db: Session, table: Table, since: datetime, until: datetime
) -> Iterator[tuple[str, bool]]:
    if table.name == "user_account":
        return
    for column in table.columns:
        if column.name in ADDRESSES:
            query = (
                select(column, func.max(case((_changed(table, since, until), 1), else_=0)))
                .where(column.like("%@%"), ~column.like(f"%{NOWHERE}"), _existed(table, until))
                .group_by(column)
            )
            for address, changed in db.execute(query):
                yield address, bool(changed)


def _instants(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if isinstance(column.type, UTCDateTime)]


def _existed(table: Table, until: datetime) -> ColumnElement[bool]:
    """Something of the row is dated before then; what carries no date may have been there."""
    instants = _instants(table)
    undated = and_(*(column.is_(None) for column in instants)) if instants else true()
    made = _made_before(table, until)
    return or_(*(column < until for column in instants), and_(undated, made))


def _made_before(table: Table, until: datetime) -> ColumnElement[bool]:
    """Our own keys begin with the millisecond at which they were made (UUIDv7, RFC 9562 §5.7)."""
    key = table.columns.get("id")
    if key is None or not isinstance(key.type, Uuid):
        return true()
    return key < UUID(int=int(until.timestamp() * 1000) << 80)


def _changed(table: Table, since: datetime, until: datetime) -> ColumnElement[bool]:
    within = [and_(column >= since, column < until) for column in _instants(table)]
    return or_(*within) if within else ~true()
