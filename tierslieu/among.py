"""«One of these», however many they are.

``column IN (…)`` sends each value as a parameter of its own: PostgreSQL takes 65,535 of them,
SQLite 32,766, and a region has more people. Here all of them are one parameter: an array for
PostgreSQL, a JSON list for SQLite.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, String, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine


class _Ids(TypeDecorator[list[UUID]]):
    """Identifiers as one value."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(ARRAY(Uuid()))
        return dialect.type_descriptor(String())

    def process_bind_param(self, value: list[UUID] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return json.dumps([one.hex for one in value])  # as SQLAlchemy writes them to SQLite


class _Among(FunctionElement[bool]):
    """``column = ANY (array)``, or what says the same on SQLite."""

    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLAlchemy would ask SQLite whether it «= 1», and no index would be used."""
        return self


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} = ANY ({ids}))"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({ids})))"  # noqa: S608 - parts that SQLAlchemy made


def is_among(
    column: InstrumentedAttribute[Any] | ColumnElement[Any], ids: Iterable[UUID]
) -> ColumnElement[bool]:
    """Whether this column holds one of these identifiers; false for all where there are none."""
    return _Among(column, bindparam(None, list(ids), type_=_Ids(), unique=True))
