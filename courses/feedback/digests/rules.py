"""The addresses of a course's team, and its digest of each week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.digests.queries import (
    News,
    find_address,
    find_contact,
    find_digest,
    list_contacts,
    list_contacts_at,
    list_digests,
    list_news,
)
from courses.feedback.files.records import write_json
from courses.feedback.models import CourseContact, CourseDigest
from courses.feedback.table import write_csv
from courses.feedback.words import kind_words, state_words
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.queries import count_mails_to
from tierslieu.mail.rules import Attachment, write_mail
from tierslieu.mail.words import in_each

LEAVES_AT = time(8)  # on Monday, on the clock of the place
# What is noted while the digests are written belongs to the next one, whole.
CLOSES_AT = time(7, 45)
RESTS = clock.days(30)  # after leaving, or after being told of a path
MOST_CONTACTS = 20  # of a path
MOST_IN_MAIL = 40  # reports whose words stand in the mail itself; the files hold all
Leave = Callable[[CourseContact], str]  # from a contact to the path of its page to unsubscribe


def add_contact(
    db: Session, path_id: UUID, email: str, *, actor_id: UUID, now: datetime, leave: Leave
) -> CourseContact:
    """Give a course's team its digest at this (valid) address, which is told so at once,
    but once in thirty days.

    Raises :class:`Refused` (field ``email``) ``contact_known``, ``contact_unsubscribed`` (only
    they can come back; thirty days for other paths too), ``too_many_contacts``.
    """
    path = _lock_path(db, path_id)
    email = email.strip().lower()
    known = find_address(db, path_id, email)
    if known is not None and known.unsubscribed_at is not None:
        message = _(
            "Cette adresse s’est désabonnée : elle seule peut revenir, par le lien de ses mails."
        )
        raise Refused(message, code="contact_unsubscribed", field="email", status=422)
    if known is not None:
        message = _("Cette adresse reçoit déjà les retours de ce parcours.")
        raise Refused(message, code="contact_known", field="email", status=422)
    here = list_contacts_at(db, email)
    if any(one.unsubscribed_at and one.unsubscribed_at > now - RESTS for one in here):
        message = _(
            "Cette adresse s’est désabonnée d’un autre parcours il y a moins de trente jours : "
            "attendez, ou demandez-lui."
        )
        raise Refused(message, code="contact_unsubscribed", field="email", status=422)
    if len(list_contacts(db, path_id, active=True)) >= MOST_CONTACTS:
        message = _(
            "Vingt adresses au plus par parcours : préférez une liste de diffusion de l’équipe."
        )
        raise Refused(message, code="too_many_contacts", field="email", status=422)
    contact = CourseContact(path_id=path_id, email=email, added_by_id=actor_id, added_at=now)
    db.add(contact)
    db.flush()
    if count_mails_to(db, email, "feedback_contact", now - RESTS):
        return contact  # told already: whoever adds, takes away and adds again writes once
    context = {"path": path.short_title, "title": path.title, "leave_path": leave(contact)}
    write_mail(
        db,
        email,
        "feedback_contact",
        context,
        now=now,
        due_key=f"feedback-contact:{contact.id}",
    )
    return contact


def remove_contact(db: Session, path_id: UUID, contact_id: UUID) -> None:
    """Write there no more. Raises :class:`NotYours`; whoever unsubscribed is kept, so that nobody
    adds them again."""
    _lock_path(db, path_id)
    contact = find_contact(db, contact_id)
    if contact is None or contact.path_id != path_id or contact.unsubscribed_at is not None:
        raise NotYours
    db.delete(contact)
    db.flush()


def set_subscribed(db: Session, contact_id: UUID, on: bool, *, now: datetime) -> CourseContact:
    """Leave, or come back; the same twice changes nothing. Raises :class:`NotYours`."""
    lock_for_writing(db)
    contact = find_contact(db, contact_id)
    if contact is None:
        raise NotYours
    if not on and contact.unsubscribed_at is None:
        contact.unsubscribed_at = now
    elif on:
        contact.unsubscribed_at = None
    db.flush()
    return contact


def week_of(now: datetime) -> date:
    """The Monday of the week in Paris."""
    today = clock.to_local(now).date()
    return today - timedelta(days=today.weekday())


def is_time(now: datetime) -> bool:
    """Whether it is Monday, from eight o'clock: a place that sleeps all day tells it a week later,
    all together."""
    local = clock.to_local(now)
    return local.weekday() == 0 and local.time() >= LEAVES_AT


def closes_at(week: date) -> datetime:
    """The instant up to which a week's digest tells."""
    return clock.to_utc(datetime.combine(week, CLOSES_AT))


def told_until(db: Session, path_id: UUID) -> datetime | None:
    """Up to when the team was told; None: never."""
    last = list_digests(db, path_id, limit=1)
    return last[0].until if last else None


def send_digest(
    db: Session, path_id: UUID, week: date, *, now: datetime, leave: Leave
) -> CourseDigest | None:
    """Write the digest of a path with its mails; nothing new: the row alone. None if it was
    written meanwhile."""
    path = _lock_path(db, path_id)
    if find_digest(db, path_id, week) is not None:
        return None
    since, until = told_until(db, path_id), closes_at(week)
    news = list_news(db, path, since, until)
    contacts = list_contacts(db, path_id, active=True) if news else []
    digest = CourseDigest(
        path_id=path_id,
        week=week,
        since=since,
        until=until,
        reports=len(news),
        mails=len(contacts),
    )
    db.add(digest)
    db.flush()
    if contacts:
        context, attachments = compose(path, news), attach(news, now=now)
        for contact in contacts:
            write_mail(
                db,
                contact.email,
                "feedback_digest",
                context | {"leave_path": leave(contact)},
                now=now,
                due_key=f"feedback-digest:{digest.id}:{contact.id}",
                attachments=attachments,
            )
    return digest


def compose(path: Path, news: Sequence[News]) -> dict[str, object]:
    """What the mail says: the facts of each report, in words; nobody's name."""
    return {
        "path": path.short_title,
        "title": path.title,
        "count": len(news),
        "more": max(0, len(news) - MOST_IN_MAIL),
        "reports": [_line(one) for one in news[:MOST_IN_MAIL]],
    }


def _line(news: News) -> dict[str, object]:
    report = news.report
    step = report.step
    return {
        "kind": in_each(lambda: kind_words()[report.kind]),
        "state": in_each(lambda: state_words()[report.state]),
        "is_new": news.is_new_state,
        "step": f"{step.code} · {step.title}" if step.code else step.title,
        "version": step.version.number,
        "unit": report.unit,
        "location": report.location,
        "body": report.body,
        "saw": len(report.me_too),
        "saw_since": news.saw,
        "upstream_url": report.upstream_url,
    }


def attach(news: Sequence[News], *, now: datetime) -> tuple[Attachment, Attachment]:
    """The same reports as files."""
    reports = [one.report for one in news]
    table = "".join(write_csv(reports)).encode("utf-8", "replace")
    return (
        Attachment("retours.csv", "text/csv", table, {"charset": "utf-8"}),
        Attachment("retours.json", "application/json", write_json(reports, now=now)),
    )


def _lock_path(db: Session, path_id: UUID) -> Path:
    lock_for_writing(db)
    path = db.scalar(select(Path).where(Path.id == path_id).with_for_update(key_share=True))
    if path is None:
        raise NotYours
    return path
