"""Cohorts: opened, changed; people join, are put in, and leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from courses.enrolments.models import Cohort, Enrolment, EnrolmentStatus
from courses.paths.models import Path
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.models import FACILITATOR, User
from tierslieu.web.links import clean_url

MAX_TITLE, MAX_NOTE = 80, 1000  # characters


@dataclass(frozen=True)
class CohortPlan:
    """What a cohort is to be. Both days belong to it."""

    title: str
    starts_on: date
    ends_on: date
    facilitator_id: UUID | None = None
    forum_url: str = ""
    note: str = ""
    is_open: bool = False


def open_cohort(db: Session, path_id: UUID, plan: CohortPlan, *, now: datetime) -> Cohort:
    """A new cohort of that path. Raises :class:`Refused` as :func:`change_cohort` does."""
    lock_for_writing(db)
    if db.get(Path, path_id) is None:
        raise NotYours
    cohort = Cohort(path_id=path_id, created_at=now)
    _apply(db, cohort, plan)
    db.add(cohort)
    db.flush()
    return cohort


def change_cohort(db: Session, cohort_id: UUID, plan: CohortPlan) -> Cohort:
    """Other dates, words or people in charge.

    Raises :class:`Refused` ``title_missing``, ``bad_dates``, ``bad_link`` or ``no_facilitator``,
    each with its field.
    """
    lock_for_writing(db)
    cohort = db.get(Cohort, cohort_id)
    if cohort is None:
        raise NotYours
    _apply(db, cohort, plan)
    db.flush()
    return cohort


def _apply(db: Session, cohort: Cohort, plan: CohortPlan) -> None:
    title = plan.title.strip()
    if not title or len(title) > MAX_TITLE:
        raise Refused(
            _("Donnez un nom à la promotion, en 80 caractères au plus."),
            code="title_missing",
            field="title",
            status=422,
        )
    if plan.ends_on < plan.starts_on:
        raise Refused(
            _("La fin vient avant le début : corrigez l’une des deux dates."),
            code="bad_dates",
            field="ends_on",
            status=422,
        )
    try:
        link = clean_url(plan.forum_url)
    except Refused as refused:
        refused.field = "forum_url"
        raise
    person = db.get(User, plan.facilitator_id) if plan.facilitator_id else None
    if plan.facilitator_id and (person is None or not person.holds(FACILITATOR)):
        raise Refused(
            _("Cette personne n’est pas de l’équipe : choisissez quelqu’un d’autre."),
            code="no_facilitator",
            field="facilitator",
            status=422,
        )
    cohort.title, cohort.note = title, plan.note.strip()[:MAX_NOTE]
    cohort.starts_on, cohort.ends_on = plan.starts_on, plan.ends_on
    cohort.facilitator_id, cohort.forum_url = plan.facilitator_id, link
    cohort.is_open = plan.is_open


def join_cohort(
    db: Session, enrolment_id: UUID, cohort_id: UUID | None, *, now: datetime, by_team: bool
) -> Enrolment:
    """Follow one's path with that cohort; None: with none any more.

    A person joins an open cohort of their path until its last day; the team (``by_team``) puts
    anybody of the path in any. Raises :class:`Refused` ``not_open``, ``stopped``;
    :class:`NotYours` for a cohort of another path.
    """
    lock_for_writing(db)
    enrolment = db.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .with_for_update(of=Enrolment)
        .execution_options(populate_existing=True)
    )
    cohort = db.get(Cohort, cohort_id) if cohort_id else None
    if enrolment is None or (cohort_id and (cohort is None or cohort.path_id != enrolment.path_id)):
        raise NotYours
    if enrolment.status is EnrolmentStatus.STOPPED and cohort is not None:
        raise Refused(_("Ce parcours est arrêté : reprenez-le d’abord."), code="stopped")
    if cohort is not None and not by_team and not is_joinable(cohort, now):
        raise Refused(
            _("On ne rejoint plus cette promotion soi-même : demandez à l’équipe."),
            code="not_open",
        )
    enrolment.cohort_id = cohort.id if cohort else None
    db.flush()
    db.expire(enrolment, ["cohort"])
    return enrolment


def is_joinable(cohort: Cohort, now: datetime) -> bool:
    """Whether one may join it oneself: it is open, and not over."""
    return cohort.is_open and clock.to_local(now).date() <= cohort.ends_on
