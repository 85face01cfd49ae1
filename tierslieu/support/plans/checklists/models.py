"""The aims that a plan chooses from, and the checklists of what a diploma asks."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.people.models import User
from tierslieu.register import by_team, of_nobody


class AimChoice(Base):
    """An aim that the place proposes. A plan keeps the words as they were when it chose them."""

    __tablename__ = "aim_choice"
    __kept__ = of_nobody(
        _("Les choix proposés pour un plan"),
        "id position label retired_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    position: Mapped[int]
    label: Mapped[str] = mapped_column(unique=True)
    retired_at: Mapped[datetime | None]  # no longer proposed


class Checklist(Base):
    """What a diploma or a competition asks, as the team knows it. ``version`` rises with each
    change that a plan which holds a copy should hear of."""

    __tablename__ = "checklist"
    __kept__ = by_team(
        _("Les listes d’étapes d’un diplôme"),
        "id key title summary url year version changed_at verified_on verified_by_id retired_at",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[str | None] = mapped_column(unique=True)  # of those shipped with the house
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")  # the official page
    year: Mapped[int | None]  # the session or school year that it holds for
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(default=clock.now)
    verified_on: Mapped[date | None]  # against the official page
    verified_by_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL")
    )
    retired_at: Mapped[datetime | None]  # no longer proposed; copies live on

    verified_by: Mapped[User | None] = relationship()
    items: Mapped[list[ChecklistItem]] = relationship(
        back_populates="checklist",
        order_by="ChecklistItem.position, ChecklistItem.id",
        cascade="all, delete-orphan",
    )


class ChecklistItem(Base):
    """One thing to do. Its deadline: a date; or a day that returns about every year (``month`` and
    ``day``), which is always still to be verified; or none that the place knows."""

    __tablename__ = "checklist_item"
    __table_args__ = (
        CheckConstraint("(month IS NULL) = (day IS NULL)", name="yearly"),
        CheckConstraint("due IS NULL OR month IS NULL", name="deadline"),
        CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="calendar"),
    )
    __kept__ = of_nobody(
        _("Les listes d’étapes d’un diplôme : leurs lignes"),
        "id checklist_id position text url due month day",
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    checklist_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checklist.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    text: Mapped[str]
    url: Mapped[str] = mapped_column(default="")
    due: Mapped[date | None]
    month: Mapped[int | None]
    day: Mapped[int | None]

    checklist: Mapped[Checklist] = relationship(back_populates="items")
