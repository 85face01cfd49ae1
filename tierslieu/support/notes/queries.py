"""Every SELECT of notes. Who reads what is decided here, once: see :func:`_readable_by`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.people.models import FACILITATOR, Role, user_roles
from tierslieu.support.appointments.models import Appointment
from tierslieu.support.notes.models import FollowNote, NoteLevel

_SHOWN = (
    joinedload(FollowNote.author),
    joinedload(FollowNote.about),
    joinedload(FollowNote.appointment).joinedload(Appointment.slot),
)


def _is_of_team(reader_id: UUID) -> ColumnElement[bool]:
    return exists().where(
        user_roles.c.user_id == reader_id,
        user_roles.c.role_id == Role.id,
        Role.name == FACILITATOR,
    )


def _readable_by(reader_id: UUID) -> ColumnElement[bool]:
    """A shared note: the person it is about, and the team. A note for the team: the team, but not
    on oneself. A note for its author: nobody else. Who has left the team reads none of the team's,
    their own included."""
    for_team = FollowNote.level.in_((NoteLevel.TEAM, NoteLevel.SHARED))
    return or_(
        and_(FollowNote.level == NoteLevel.SHARED, FollowNote.about_id == reader_id),
        and_(
            _is_of_team(reader_id),
            FollowNote.about_id != reader_id,
            or_(FollowNote.author_id == reader_id, for_team),
        ),
    )


def count_notes(db: Session, about_id: UUID, reader_id: UUID) -> int:
    """How many notes on this person that reader may read."""
    return (
        db.scalar(
            select(func.count())
            .select_from(FollowNote)
            .where(FollowNote.about_id == about_id, _readable_by(reader_id))
        )
        or 0
    )


def list_notes(
    db: Session, about_id: UUID, reader_id: UUID, *, offset: int = 0, limit: int
) -> Sequence[FollowNote]:
    """The notes on this person that this reader may read, the latest first."""
    return db.scalars(
        select(FollowNote)
        .where(FollowNote.about_id == about_id, _readable_by(reader_id))
        .options(*_SHOWN)
        .order_by(FollowNote.written_at.desc(), FollowNote.id.desc())
        .offset(offset)
        .limit(limit)
    ).all()


def list_notes_at(db: Session, appointment_id: UUID, reader_id: UUID) -> Sequence[FollowNote]:
    """The notes written at this appointment that this reader may read, the first first."""
    return db.scalars(
        select(FollowNote)
        .where(FollowNote.appointment_id == appointment_id, _readable_by(reader_id))
        .options(*_SHOWN)
        .order_by(FollowNote.written_at, FollowNote.id)
    ).all()


def find_written(db: Session, note_id: UUID, author_id: UUID) -> FollowNote | None:
    """A note by this author, who is still of the team."""
    return db.scalar(
        select(FollowNote)
        .where(
            FollowNote.id == note_id,
            FollowNote.author_id == author_id,
            _readable_by(author_id),
        )
        .options(*_SHOWN)
        .execution_options(populate_existing=True)
    )


def list_all_about(db: Session, about_id: UUID) -> Sequence[FollowNote]:
    """Every note on this person, whatever its level, the first first: for their rights over it."""
    return db.scalars(
        select(FollowNote)
        .where(FollowNote.about_id == about_id)
        .options(*_SHOWN)
        .order_by(FollowNote.written_at, FollowNote.id)
    ).all()


def list_all_by(db: Session, author_id: UUID) -> Sequence[FollowNote]:
    """Every note by this author, the first first."""
    return db.scalars(
        select(FollowNote)
        .where(FollowNote.author_id == author_id)
        .options(*_SHOWN)
        .order_by(FollowNote.written_at, FollowNote.id)
    ).all()


def list_written_before(db: Session, instant: datetime, limit: int) -> Sequence[FollowNote]:
    """Notes written before then, the first first."""
    return db.scalars(
        select(FollowNote)
        .where(FollowNote.written_at <= instant)
        .order_by(FollowNote.written_at, FollowNote.id)
        .limit(limit)
    ).all()
