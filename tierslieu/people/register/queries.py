"""Where somebody of the team stands in what the place is made of."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tierslieu.base import Base
from tierslieu.people.register.drawing import declared
from tierslieu.register import TEAM_WORK, points_to_person
from tierslieu.web.written import Ours


def count_team_work(db: Session, user_id: UUID) -> list[dict[str, Any]]:
    """What this person made or decided for the place: what it is, and how many of them."""
    found = []
    for name, said in declared().items():
        table = Base.metadata.tables[name]
        people = [column for column in table.columns if points_to_person(column)]
        if TEAM_WORK not in said.offers or not people:
            continue
        query = select(func.count()).select_from(table)
        count = db.scalar(query.where(or_(*(column == user_id for column in people)))) or 0
        if count:
            found.append({"work": Ours(said.about), "count": count})
    return found
