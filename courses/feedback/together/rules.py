"""Saying «moi aussi», and merging a duplicate into the report it repeats."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.feedback.models import CourseFeedback, FeedbackEvent, FeedbackState, MeToo
from courses.feedback.queries import find_me_too, find_report, find_shown
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User

MAX_DETAIL = 1000  # characters
OPEN = (FeedbackState.NEW, FeedbackState.CONFIRMED, FeedbackState.SENT)


def say_me_too(
    db: Session,
    user_id: UUID,
    report_id: UUID,
    *,
    now: datetime,
    detail: str = "",
    wants_mail: bool = True,
) -> MeToo:
    """Say once that one saw it too; again changes the detail and the wish, and counts no more.

    Raises :class:`NotYours` for a report that others may not read (new, closed, merged, not shown),
    :class:`Refused` ``own_report`` or ``detail_too_long``.
    """
    _lock(db, report_id)
    found = find_shown(db, report_id)
    if found is None:
        raise NotYours
    detail = detail.strip()
    if len(detail) > MAX_DETAIL:
        message = _("Ce détail est trop long : 1 000 caractères sont possibles.")
        raise Refused(message, code="detail_too_long", field="detail", status=422)
    if found.author_id == user_id:
        raise Refused(
            _("C’est votre propre signalement : il compte déjà pour vous."), code="own_report"
        )
    said = find_me_too(db, report_id, user_id)
    if said is None:
        said = MeToo(feedback_id=report_id, user_id=user_id, at=now)
        db.add(said)
    said.detail, said.wants_mail = detail, wants_mail
    db.flush()
    return said


def take_back_me_too(db: Session, user_id: UUID, report_id: UUID) -> bool:
    """Say it no more, whatever became of the report; False if it was not said."""
    _lock(db, report_id)
    said = find_me_too(db, report_id, user_id)
    if said is None:
        return False
    db.delete(said)
    db.flush()
    return True


def merge_reports(
    db: Session, report_id: UUID, into_id: UUID, *, actor_id: UUID, now: datetime
) -> CourseFeedback:
    """Merge an open duplicate into another report of the same path; gives that other one.

    Whoever reported the duplicate becomes a «moi aussi» of the other and is told; those who had
    said it of the duplicate go along, each counted once; duplicates of the duplicate too, so that
    no chain grows and no loop closes. The duplicate keeps its words and history. Raises
    :class:`Refused` ``same_report``, ``already_merged``, ``target_merged``, ``not_open``,
    ``other_path``.
    """
    _lock(db, *sorted((report_id, into_id)))  # one order: two merges do not wait in a ring
    found, into = find_report(db, report_id), find_report(db, into_id)
    if found is None or into is None:
        raise NotYours
    _check_merge(found, into)
    event = FeedbackEvent(
        feedback_id=found.id,
        to_state=found.state,
        actor_id=actor_id,
        at=now,
        merged_into_id=into.id,
    )
    found.events.append(event)
    found.merged_into_id = into.id
    for duplicate in list(found.duplicates):
        duplicate.merged_into_id = into.id
    _carry_over(db, found, into, now)
    _tell(db, found, into, event)
    return into


def _lock(db: Session, *report_ids: UUID) -> None:
    """What is said of a report waits for what else happens to it."""
    lock_for_writing(db)
    for report_id in report_ids:
        query = select(CourseFeedback.id).where(CourseFeedback.id == report_id)
        db.execute(query.with_for_update())


def _check_merge(found: CourseFeedback, into: CourseFeedback) -> None:
    if found.id == into.id:
        raise Refused(_("Un retour ne se réunit pas à lui-même."), code="same_report")
    if found.merged_into_id is not None:
        raise Refused(_("Ce retour est déjà réuni à un autre."), code="already_merged")
    if into.merged_into_id is not None:
        raise Refused(
            _("L’autre retour est lui-même réuni à un troisième : choisissez celui-là."),
            code="target_merged",
        )
    if found.state not in OPEN:
        raise Refused(
            _("Ce retour est clos : rouvrez-le en le confirmant, puis réunissez-le."),
            code="not_open",
        )
    if found.step.version.path_id != into.step.version.path_id:
        raise Refused(_("Ces deux retours ne sont pas du même parcours."), code="other_path")


def _carry_over(db: Session, found: CourseFeedback, into: CourseFeedback, now: datetime) -> None:
    counted = {said.user_id for said in into.me_too if said.user_id} | {into.author_id}
    for said in list(found.me_too):
        if said.user_id is not None and said.user_id in counted:
            continue  # counted there already; what they wrote stays with the duplicate
        counted.add(said.user_id)
        said.feedback_id, said.at = into.id, now  # new to those who follow the other one
    if found.author_id is None or found.author_id not in counted:
        db.add(MeToo(feedback_id=into.id, user_id=found.author_id, at=now))
    db.flush()
    db.expire(found, ["me_too"])
    db.expire(into, ["me_too", "duplicates"])


def _tell(db: Session, found: CourseFeedback, into: CourseFeedback, event: FeedbackEvent) -> None:
    author = db.get(User, found.author_id) if found.author_id else None
    if author is None:
        return
    write_mail(
        db,
        author.email,
        "feedback_merged",
        {
            "name": author.name,
            "path": found.step.version.path.short_title,
            "step": found.step.title,
            "state": into.state.value,
            "body": found.body,
            "mine_url": "/mes-signalements",
        },
        now=event.at,
        due_key=f"feedback-merged:{event.id}",
    )
