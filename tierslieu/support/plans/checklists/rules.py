"""What the team keeps for plans: the aims that are proposed, the checklists of diplomas.

What a copy in a plan should hear of raises the checklist's version. Nothing is deleted that a plan
may hold: it is no longer proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.support.plans.checklists.models import AimChoice, Checklist, ChecklistItem
from tierslieu.support.plans.checklists.queries import (
    find_aim,
    find_aim_of,
    find_checklist,
    find_item,
    list_aims,
    list_keys,
)
from tierslieu.support.plans.checklists.shipped import AIMS, CHECKLISTS
from tierslieu.support.plans.checklists.words import LEAP
from tierslieu.web.links import clean_url

MOST_ITEMS = 40
YEARS = range(2020, 2101)


@dataclass(frozen=True)
class Said:
    """What a checklist says of itself."""

    title: str
    summary: str = ""
    url: str = ""
    year: int | None = None


@dataclass(frozen=True)
class Thing:
    """What an item says; a date, or a month and day of about every year, or neither."""

    text: str
    url: str = ""
    due: date | None = None
    month: int | None = None
    day: int | None = None


def ship(db: Session, *, now: datetime) -> None:
    """Bring in what the house ships and is not here yet; what the place has is left alone."""
    lock_for_writing(db)
    if not list_aims(db, with_retired=True):
        db.add_all(AimChoice(position=place, label=label) for place, label in enumerate(AIMS))
    known = list_keys(db)
    for key, title, summary, url, things in CHECKLISTS:
        if key in known:
            continue
        checklist = Checklist(key=key, title=title, summary=summary, url=url, changed_at=now)
        for position, (text, link) in enumerate(things, start=1):
            ChecklistItem(checklist=checklist, position=position, text=text, url=link)
        db.add(checklist)
    db.flush()


def add_aim(db: Session, label: str) -> AimChoice:
    """An aim more, at the end; one that was no longer proposed is proposed again. Raises
    :class:`Refused` ``no_label``, ``there_already``."""
    lock_for_writing(db)
    if not label:
        raise Refused(_("Écrivez la visée."), code="no_label", field="label", status=422)
    found = find_aim_of(db, label)
    if found is not None:
        if found.retired_at is None:
            raise Refused(
                _("Cette visée est déjà proposée."),
                code="there_already",
                field="label",
                status=422,
            )
        found.retired_at = None
    else:
        position = max((one.position for one in list_aims(db, with_retired=True)), default=0) + 1
        found = AimChoice(position=position, label=label)
        db.add(found)
    db.flush()
    return found


def retire_aim(db: Session, aim_id: UUID, *, now: datetime) -> None:
    """No longer propose it; the plans that have it keep it."""
    lock_for_writing(db)
    found = find_aim(db, aim_id)
    if found is None:
        raise NotYours
    found.retired_at = found.retired_at or now
    db.flush()


def add_checklist(db: Session, said: Said, *, now: datetime) -> Checklist:
    """A checklist without items. Raises :class:`Refused` ``bad_link``, ``wrong_year``."""
    lock_for_writing(db)
    checklist = Checklist(title="", changed_at=now)
    _write(checklist, said)
    db.add(checklist)
    db.flush()
    return checklist


def change_checklist(db: Session, checklist_id: UUID, said: Said, *, now: datetime) -> Checklist:
    """Change what it says of itself. Raises as for adding."""
    checklist = _lock(db, checklist_id)
    before = (checklist.title, checklist.url, checklist.year)
    _write(checklist, said)
    if before != (checklist.title, checklist.url, checklist.year):
        _touch(checklist, now)
    db.flush()
    return checklist


def retire_checklist(db: Session, checklist_id: UUID, is_retired: bool, *, now: datetime) -> None:
    """No longer propose it, or again."""
    checklist = _lock(db, checklist_id)
    checklist.retired_at = now if is_retired else None
    db.flush()


def verify_checklist(db: Session, checklist_id: UUID, user_id: UUID, *, now: datetime) -> None:
    """Somebody of the team has compared it with the official page today."""
    checklist = _lock(db, checklist_id)
    checklist.verified_on, checklist.verified_by_id = to_local(now).date(), user_id
    db.flush()


def write_item(
    db: Session, checklist_id: UUID, item_id: UUID | None, thing: Thing, *, now: datetime
) -> ChecklistItem:
    """Change this item, or add one at the end. Raises :class:`Refused` ``bad_link``,
    ``two_deadlines``, ``wrong_day``, ``too_many``."""
    checklist = _lock(db, checklist_id)
    url = clean_url(thing.url)
    _check_deadline(thing)
    if item_id is None:
        if len(checklist.items) >= MOST_ITEMS:
            raise Refused(
                _("Une liste tient %(most)s lignes au plus.", most=MOST_ITEMS), code="too_many"
            )
        position = max((one.position for one in checklist.items), default=0) + 1
        item = ChecklistItem(checklist=checklist, position=position)
    else:
        item = _item(db, checklist_id, item_id)
    item.text, item.url, item.due = thing.text, url, thing.due
    item.month, item.day = thing.month, thing.day
    db.add(item)
    _touch(checklist, now)
    db.flush()
    return item


def move_item(db: Session, checklist_id: UUID, item_id: UUID, up: bool) -> None:
    """One place up or down; the order is no news for copies."""
    checklist = _lock(db, checklist_id)
    row = list(checklist.items)
    place = next((n for n, one in enumerate(row) if one.id == item_id), None)
    if place is None:
        raise NotYours
    other = place - 1 if up else place + 1
    if 0 <= other < len(row):
        row[place], row[other] = row[other], row[place]
    for position, one in enumerate(row, start=1):
        one.position = position
    db.flush()


def remove_item(db: Session, checklist_id: UUID, item_id: UUID, *, now: datetime) -> None:
    """Take it away; copies keep theirs."""
    checklist = _lock(db, checklist_id)
    checklist.items.remove(_item(db, checklist_id, item_id))
    _touch(checklist, now)
    db.flush()


def _lock(db: Session, checklist_id: UUID) -> Checklist:
    lock_for_writing(db)
    db.get(Checklist, checklist_id, with_for_update=True, populate_existing=True)
    found = find_checklist(db, checklist_id)
    if found is None:
        raise NotYours
    return found


def _item(db: Session, checklist_id: UUID, item_id: UUID) -> ChecklistItem:
    found = find_item(db, checklist_id, item_id)
    if found is None:
        raise NotYours
    return found


def _touch(checklist: Checklist, now: datetime) -> None:
    """What was verified was another text: it is to be verified again."""
    checklist.version += 1
    checklist.changed_at = now
    checklist.verified_on = checklist.verified_by_id = None


def _write(checklist: Checklist, said: Said) -> None:
    if said.year is not None and said.year not in YEARS:
        raise Refused(
            _("Cette année n’est pas possible : écrivez-la en quatre chiffres."),
            code="wrong_year",
            field="year",
            status=422,
        )
    checklist.title, checklist.summary = said.title, said.summary
    checklist.url, checklist.year = clean_url(said.url), said.year


def _check_deadline(thing: Thing) -> None:
    if thing.due is not None and (thing.month is not None or thing.day is not None):
        raise Refused(
            _("Donnez une date, ou un jour de chaque année, pas les deux."),
            code="two_deadlines",
            field="due",
            status=422,
        )
    if (thing.month is None) != (thing.day is None):
        raise Refused(
            _("Donnez le jour et le mois, ou ni l’un ni l’autre."),
            code="wrong_day",
            field="day",
            status=422,
        )
    if thing.month is not None and thing.day is not None:
        try:
            date(LEAP, thing.month, thing.day)
        except ValueError:
            raise Refused(
                _("Ce jour n’existe pas dans ce mois."),
                code="wrong_day",
                field="day",
                status=422,
            ) from None
