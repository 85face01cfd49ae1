"""Every SELECT of aims and checklists."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from tierslieu.support.plans.checklists.models import AimChoice, Checklist, ChecklistItem


def list_aims(db: Session, *, with_retired: bool = False) -> Sequence[AimChoice]:
    """The aims that the place proposes, in its order."""
    query = select(AimChoice)
    if not with_retired:
        query = query.where(AimChoice.retired_at.is_(None))
    return db.scalars(query.order_by(AimChoice.position, AimChoice.id)).all()


def find_aim(db: Session, aim_id: UUID) -> AimChoice | None:
    """One aim."""
    return db.get(AimChoice, aim_id, populate_existing=True)


def find_aim_of(db: Session, label: str) -> AimChoice | None:
    """The aim with these very words."""
    return db.scalar(select(AimChoice).where(AimChoice.label == label))


def list_checklists(db: Session, *, with_retired: bool = False) -> Sequence[Checklist]:
    """The checklists that the place keeps, by title, with their items."""
    query = select(Checklist)
    if not with_retired:
        query = query.where(Checklist.retired_at.is_(None))
    return db.scalars(
        query.options(joinedload(Checklist.verified_by), selectinload(Checklist.items)).order_by(
            Checklist.title, Checklist.id
        )
    ).all()


def find_checklist(db: Session, checklist_id: UUID) -> Checklist | None:
    """One checklist with its items, as it is now."""
    return db.scalar(
        select(Checklist)
        .where(Checklist.id == checklist_id)
        .options(joinedload(Checklist.verified_by), selectinload(Checklist.items))
        .execution_options(populate_existing=True)
    )


def list_keys(db: Session) -> set[str]:
    """Which of the shipped checklists are here."""
    query = select(Checklist.key).where(Checklist.key.is_not(None)).order_by(Checklist.key)
    return {key for key in db.scalars(query) if key}


def find_item(db: Session, checklist_id: UUID, item_id: UUID) -> ChecklistItem | None:
    """One item of that checklist."""
    return db.scalar(
        select(ChecklistItem).where(
            ChecklistItem.id == item_id, ChecklistItem.checklist_id == checklist_id
        )
    )
