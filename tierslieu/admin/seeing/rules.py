"""Beginning to see the place as somebody does, and ending it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.admin.models import SeeingAs
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.models import LogEntry
from tierslieu.logbook.queries import accounts_of, list_entries
from tierslieu.logbook.rules import note
from tierslieu.people.models import ADMINISTRATOR, User

LASTS = timedelta(minutes=30)
REASON_LIMIT = 300  # characters


def begin_seeing(
    db: Session, person_id: UUID, reason: str, *, admin_id: UUID, now: datetime
) -> SeeingAs:
    """Half an hour in somebody's place, for a reason they can read.

    Raises :class:`Refused` ``reason_missing``, ``administrator`` (nobody looks in the place of who
    may do more than look), ``not_open``; :class:`NotYours`.
    """
    reason = " ".join(reason.split())
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            _("Dites pourquoi, en quelques mots : la personne pourra lire cette raison."),
            code="reason_missing",
            field="reason",
            status=422,
        )
    lock_for_writing(db)
    person = db.get(User, person_id, with_for_update={"key_share": True}, populate_existing=True)
    if person is None:
        raise NotYours()
    if person.holds(ADMINISTRATOR):
        raise Refused(
            _("On ne regarde pas le lieu à la place d’une personne qui l’administre."),
            code="administrator",
            field="reason",
        )
    if not person.active:
        raise Refused(
            _("Ce compte n’est pas ouvert : il n’y a rien à voir."), code="not_open", field="reason"
        )
    for earlier in list_seen_by(db, admin_id):
        end_seeing(db, earlier, now=now)
    begun = SeeingAs(admin_id=admin_id, person_id=person_id, until=now + LASTS)
    db.add(begun)
    db.flush()
    note(db, Act.SEEN_AS_BEGUN, now=now, subject_id=person_id, words=reason, actor_id=admin_id)
    return begun


def end_seeing(db: Session, one: SeeingAs, *, now: datetime) -> None:
    """It is over, asked for or not."""
    db.delete(one)
    db.flush()
    at = min(now, one.until)
    note(db, Act.SEEN_AS_ENDED, now=at, subject_id=one.person_id, actor_id=one.admin_id)


def list_seen_by(db: Session, admin_id: UUID) -> Sequence[SeeingAs]:
    """What this administrator looks at, to end it."""
    query = select(SeeingAs).where(SeeingAs.admin_id == admin_id).order_by(SeeingAs.id)
    return db.scalars(query.with_for_update()).all()


def end_overdue(db: Session, *, now: datetime) -> int:
    """End what lasted its half hour; how many."""
    lock_for_writing(db)
    query = select(SeeingAs).where(SeeingAs.until <= now).order_by(SeeingAs.id)
    over = db.scalars(query.with_for_update()).all()
    for one in over:
        end_seeing(db, one, now=now)
    return len(over)


def find_seeing(db: Session, seeing_id: UUID, admin_id: UUID, now: datetime) -> SeeingAs | None:
    """What this administrator began to look at and still may."""
    return db.scalar(
        select(SeeingAs).where(
            SeeingAs.id == seeing_id, SeeingAs.admin_id == admin_id, SeeingAs.until > now
        )
    )


def list_looks_at(db: Session, user_id: UUID) -> Sequence[LogEntry]:
    """When the place was looked at in this person's place, the latest first."""
    theirs = accounts_of(db, user_id)
    found = list_entries(db, user_ids=theirs, act=Act.SEEN_AS_BEGUN.value)
    return [one for one in found if one.subject_id in theirs]
