"""«How many», counted as far as somebody wants to know it.

Counting all of a long list reads all of it, while somebody waits for twenty-five lines. A list says
its number up to :data:`COUNTED`, and «plus de 5 000» beyond.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ScalarSelect, Select, func, literal_column, select
from sqlalchemy.orm import Session

COUNTED = 5000  # rows


def count_some(db: Session, query: Select[Any]) -> int:
    """How many rows a query with a limit gives."""
    return db.scalar(select(func.count()).select_from(query.subquery())) or 0


def count_in(query: Select[Any]) -> ScalarSelect[int]:
    """How many rows a query gives, within another question; ``COUNTED`` and one for more than
    ``COUNTED``."""
    # Of no column: else SQLite would fetch each row for what its index does not hold.
    rows: Select[Any] = query.with_only_columns(literal_column("1"), maintain_column_froms=True)
    some = rows.order_by(None).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def count_to_cap(db: Session, query: Select[Any]) -> int:
    """The same, asked alone."""
    return db.scalar(select(count_in(query))) or 0
