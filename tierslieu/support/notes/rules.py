"""Writing a note, correcting it, letting more people read it, taking it away.

A note is corrected for a day, by its author; then it stands as it is dated and signed, and another
note says what has changed. More people may read it later, never fewer: what was shown was shown.
Its author may take it away at any time, for what is wrong on somebody must be able to go.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.bookings.holding import next_waking
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import FACILITATOR, User
from tierslieu.support.notes.models import FollowNote, NoteLevel
from tierslieu.support.notes.queries import (
    find_written,
    list_all_about,
    list_all_by,
    list_written_before,
)
from tierslieu.support.slots.queries import find_received

MAX_BODY = 4000  # characters
CORRECTED_FOR = timedelta(days=1)
KEPT = timedelta(days=3 * 365)
AT_ONCE = 200
WIDTH = {level: width for width, level in enumerate(NoteLevel)}


def write_note(
    db: Session,
    about_id: UUID,
    author_id: UUID,
    body: str,
    level: NoteLevel,
    *,
    now: datetime,
    appointment_id: UUID | None = None,
) -> FollowNote:
    """A note on somebody, by somebody of the team; who may read it by then is told if it is shared.

    Raises :class:`Refused` ``wrong_body``; NotYours for who is not of the team, on oneself, or at
    an appointment that is not theirs both.
    """
    lock_for_writing(db)
    author, about = db.get(User, author_id), db.get(User, about_id)
    if author is None or about is None or author_id == about_id or not author.holds(FACILITATOR):
        raise NotYours
    if appointment_id is not None:
        received = find_received(db, appointment_id, author_id)
        if received is None or received.user_id != about_id:
            raise NotYours
    note = FollowNote(
        about=about,
        author=author,
        appointment_id=appointment_id,
        level=level,
        body=_checked(body),
        written_at=now,
    )
    db.add(note)
    db.flush()
    if level is NoteLevel.SHARED:
        _share(db, note, now)
    return note


def is_corrigible(note: FollowNote, now: datetime) -> bool:
    """Whether its words may still be changed."""
    return now - note.written_at < CORRECTED_FOR


def correct_note(
    db: Session, note_id: UUID, author_id: UUID, body: str, *, now: datetime
) -> FollowNote:
    """Change its words, on the first day; readers see that it was. Raises :class:`Refused`
    ``too_late`` or ``wrong_body``."""
    note = _lock(db, note_id, author_id)
    if not is_corrigible(note, now):
        raise Refused(
            _(
                "Une note se corrige pendant un jour. Écrivez-en une autre, qui dit ce qui a "
                "changé."
            ),
            code="too_late",
        )
    body = _checked(body)
    if body != note.body:
        note.body, note.edited_at = body, now
        db.flush()
    return note


def widen_note(
    db: Session, note_id: UUID, author_id: UUID, level: NoteLevel, *, now: datetime
) -> FollowNote:
    """Let more people read it; the person is told once it is theirs to read. Raises
    :class:`Refused` ``narrower``."""
    note = _lock(db, note_id, author_id)
    if WIDTH[level] < WIDTH[note.level]:
        raise Refused(
            _("Cette note a déjà été montrée : elle ne se cache plus. Vous pouvez la supprimer."),
            code="narrower",
        )
    if level is not note.level:
        note.level = level
        db.flush()
        if level is NoteLevel.SHARED:
            _share(db, note, now)
    return note


def remove_note(db: Session, note_id: UUID, author_id: UUID) -> UUID:
    """Take it away for good; gives whom it was about."""
    note = _lock(db, note_id, author_id)
    about_id = note.about_id
    db.delete(note)
    db.flush()
    return about_id


def forget_about(db: Session, user_id: UUID) -> None:
    """Somebody leaves: what was written on them is gone."""
    lock_for_writing(db)
    for note in list_all_about(db, user_id):
        db.delete(note)
    db.flush()


def forget_author(db: Session, user_id: UUID) -> None:
    """Somebody of the team leaves: the notes for themselves are gone, the others lose their
    name."""
    lock_for_writing(db)
    for note in list_all_by(db, user_id):
        if note.level is NoteLevel.AUTHOR:
            db.delete(note)
        else:
            note.author = None
    db.flush()


def forget_old_notes(db: Session, *, now: datetime) -> int:
    """Erase notes that are three years old; returns how many."""
    lock_for_writing(db)
    found = list_written_before(db, now - KEPT, AT_ONCE)
    for note in found:
        db.delete(note)
    db.flush()
    return len(found)


def _lock(db: Session, note_id: UUID, author_id: UUID) -> FollowNote:
    lock_for_writing(db)
    db.get(FollowNote, note_id, with_for_update=True, populate_existing=True)
    note = find_written(db, note_id, author_id)
    if note is None:
        raise NotYours
    return note


def _checked(body: str) -> str:
    body = body.strip()
    if not body:
        raise Refused(_("Écrivez votre note."), code="wrong_body", field="body", status=422)
    if len(body) > MAX_BODY:
        raise Refused(
            _("Cette note est trop longue : 4 000 caractères sont possibles."),
            code="wrong_body",
            field="body",
            status=422,
        )
    return body


def _share(db: Session, note: FollowNote, now: datetime) -> None:
    """The mail says that there is a note, not what it says."""
    note.shared_at = now
    db.flush()
    assert note.author is not None
    write_mail(
        db,
        note.about.email,
        "support_note",
        {"name": note.about.name, "author": note.author.name, "path": "/mes-rendez-vous"},
        now=now,
        due_key=f"note:{note.id}:shared",
        leaves_at=next_waking(now),
    )
