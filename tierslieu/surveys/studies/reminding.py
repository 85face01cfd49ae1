"""Reminders: so many at most, each once, and none any more once somebody answered or declined."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from tierslieu.clock import days
from tierslieu.db import lock_for_writing
from tierslieu.mail.rules import take_back_mails, write_mail
from tierslieu.mail.words import in_each
from tierslieu.people.models import User
from tierslieu.surveys.civil_hours import next_civil_hour
from tierslieu.surveys.instruments.reading import read_questionnaire
from tierslieu.surveys.models import Invitation
from tierslieu.surveys.queries import list_active_people
from tierslieu.surveys.studies.queries import hold_standing, list_open_mails, list_to_remind
from tierslieu.web.formats import long_day

MOST_REMINDERS = 3  # of one invitation, whatever its wave says


def mail_keys(invitation: Invitation) -> list[str]:
    """The keys of every mail that was written about an invitation."""
    first = f"survey:{invitation.id}"
    return [first, *(f"{first}:{number}" for number in range(1, invitation.reminded + 1))]


def silence(db: Session, study_id: UUID, *, now: datetime) -> None:
    """Take back every mail of a study that waits for the morning."""
    keys = [key for one in list_open_mails(db, study_id) for key in mail_keys(one)]
    if keys:
        take_back_mails(db, keys, now=now)


def remind_due(db: Session, now: datetime) -> int:
    """Write the reminders that are due; gives how many. After a standstill one stands for all."""
    lock_for_writing(db)
    due = [
        one
        for one in list_to_remind(db, now)
        # What would leave tomorrow morning about what closes tonight is not written.
        if _next_at(one) <= now and next_civil_hour(now) < one.closes_at
    ]
    standing = {
        study.id: hold_standing(db, study.id)
        for study in {one.wave.study for one in due}
        if study.has_own_consent
    }
    due = [one for one in due if one.user_id in standing.get(one.wave.study_id, {one.user_id})]
    people = {p.id: p for p in list_active_people(db, sorted({one.user_id for one in due}))}
    written = 0
    for invitation in due:
        person = people.get(invitation.user_id)
        while invitation.reminded < invitation.wave.reminders and _next_at(invitation) <= now:
            invitation.reminded += 1
        if person is not None:
            _write(db, person, invitation, now)
            written += 1
            if invitation.reminded >= invitation.wave.reminders:
                # «The last one» is what it said: a wave given more of them later sends none here.
                invitation.reminded = MOST_REMINDERS
    db.flush()
    return written


def _next_at(invitation: Invitation) -> datetime:
    return invitation.invited_at + days(
        invitation.wave.remind_every_days * (invitation.reminded + 1)
    )


def _write(db: Session, person: User, invitation: Invitation, now: datetime) -> None:
    questionnaire = read_questionnaire(invitation.wave.instrument.content)
    write_mail(
        db,
        person.email,
        "surveys_reminder",
        {
            "title": questionnaire.title,
            "about": invitation.label,
            "minutes": questionnaire.minutes,
            "path": f"/questionnaire/{invitation.code}",
            "closes_on": in_each(lambda: long_day(invitation.closes_at)),
            "is_last": invitation.reminded >= invitation.wave.reminders,
        },
        now=now,
        due_key=mail_keys(invitation)[-1],
        leaves_at=next_civil_hour(now),
    )
