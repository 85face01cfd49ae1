"""Having a job run again; a mail that does not leave: whose it is, another try, giving it up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.admin.works.queries import hold_unsent, list_written_to
from tierslieu.clockwork import JobRun, believe_clock, find_leap
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.mail.models import OutboxMessage
from tierslieu.mail.rules import forget_mails
from tierslieu.people.models import User
from tierslieu.people.queries import find_user


def run_again(db: Session, name: str, *, now: datetime) -> None:
    """The worker runs this job at its next tick, within a minute: nothing slow runs in a page.

    Raises :class:`Refused` ``running``; :class:`NotYours` for one that never ran.
    """
    lock_for_writing(db)
    run = db.get(JobRun, name, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotYours()
    if run.leased_until is not None and run.leased_until > now:
        raise Refused(_("Cette tâche est en cours : attendez qu’elle finisse."), code="running")
    run.last_started_at = None
    db.flush()
    note(db, Act.JOB_RUN, now=now, about={"job": name})


def confirm_clock(db: Session, *, now: datetime) -> None:
    """Somebody looked at the clock, and it is right: what is past its term is forgotten again.

    Confirmed twice, it is noted once.
    """
    lock_for_writing(db)
    leap = find_leap(db, now)
    if leap is None:
        return
    believe_clock(db, now)
    note(db, Act.CLOCK_BELIEVED, now=now, about={"days": leap.days})


def _hold(db: Session, message_id: UUID, now: datetime) -> OutboxMessage:
    lock_for_writing(db)
    found = hold_unsent(db, message_id)
    if found is None:
        raise NotYours()
    if found.leased_until is not None and found.leased_until > now:
        raise Refused(_("Ce mail est en train de partir : rechargez la page."), code="leaving")
    return found


def _note(db: Session, act: Act, message: OutboxMessage, recipient: str, now: datetime) -> None:
    person = find_user(db, recipient)
    about = {"mail": str(message.id), "template": message.template}
    note(db, act, now=now, subject_id=person.id if person else None, about=about)


def read_recipient(db: Session, message_id: UUID, *, now: datetime) -> str:
    """To whom a mail that has not left goes; that it was read is written down."""
    lock_for_writing(db)
    found = hold_unsent(db, message_id)
    if found is None:
        raise NotYours()
    _note(db, Act.MAIL_READ, found, found.recipient, now)
    return found.recipient


def read_mails_to(db: Session, person: User, limit: int, *, now: datetime) -> list[OutboxMessage]:
    """Which mails were written to somebody (but those of questionnaires), the latest first; that it
    was read is written down."""
    lock_for_writing(db)
    found = list(list_written_to(db, person.email, limit))
    note(db, Act.MAILS_READ, now=now, subject_id=person.id, about={"mails": len(found)})
    return found


def retry_mail(db: Session, message_id: UUID, *, now: datetime) -> None:
    """Try this mail at the next tick, and as many times as a new one. Raises :class:`Refused`
    ``leaving``; :class:`NotYours`."""
    found = _hold(db, message_id, now)
    found.next_try_at, found.attempts, found.leased_until = now, 0, None
    db.flush()
    _note(db, Act.MAIL_RETRIED, found, found.recipient, now)


def give_up_mail(db: Session, message_id: UUID, *, now: datetime) -> None:
    """This mail never leaves: nothing is kept of it but that it was written. Raises as
    :func:`retry_mail`."""
    found = _hold(db, message_id, now)
    recipient = found.recipient
    forget_mails(db, [found])
    _note(db, Act.MAIL_GIVEN_UP, found, recipient, now)
