"""Every SELECT of the enrolments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from courses.enrolments.models import Cohort, Enrolment, EnrolmentEvent, EnrolmentStatus
from courses.paths.models import PathVersion
from tierslieu.among import is_among
from tierslieu.attention import Among
from tierslieu.counting import count_to_cap
from tierslieu.people.models import User

_WITH_PATH = (joinedload(Enrolment.path), joinedload(Enrolment.version))
MANY = 1000  # who follow a path: not put in order to show a page of them
_WITH_COHORT = joinedload(Enrolment.cohort).joinedload(Cohort.facilitator)


def list_enrolments(db: Session, user_id: UUID) -> list[Enrolment]:
    """A person's enrolments: those under way first, then paused, then stopped; newest first."""
    rows = db.scalars(
        select(Enrolment)
        .where(Enrolment.user_id == user_id)
        .order_by(Enrolment.started_at.desc(), Enrolment.id)
        .options(*_WITH_PATH, _WITH_COHORT)
    )
    order = list(EnrolmentStatus)
    return sorted(rows, key=lambda enrolment: order.index(enrolment.status))


def find_enrolment_for(db: Session, person: User, enrolment_id: UUID) -> Enrolment | None:
    """This person's own enrolment with its history, or None."""
    return find_own_enrolment(db, person.id, enrolment_id)


def find_own_enrolment(db: Session, user_id: UUID, enrolment_id: UUID) -> Enrolment | None:
    """The enrolment of that person with its history, or None."""
    return db.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id, Enrolment.user_id == user_id)
        .options(*_WITH_PATH, _WITH_COHORT, selectinload(Enrolment.events))
    )


def find_any_enrolment(db: Session, enrolment_id: UUID) -> Enrolment | None:
    """An enrolment with its person and its history, or None: for the team."""
    return db.scalar(
        select(Enrolment)
        .where(Enrolment.id == enrolment_id)
        .options(
            *_WITH_PATH, _WITH_COHORT, joinedload(Enrolment.user), selectinload(Enrolment.events)
        )
    )


def count_following(db: Session, path_id: UUID, cohort_id: UUID | None = None) -> int:
    """How many follow this path (with that cohort), paused ones too; as ``count_to_cap`` says."""
    return count_to_cap(db, select(Enrolment.id).where(*_living(path_id, cohort_id)))


def count_following_each(db: Session, path_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many follow each of these paths, paused ones too; a path nobody follows is left out."""
    rows = db.execute(
        select(Enrolment.path_id, func.count(Enrolment.id))
        .where(Enrolment.path_id.in_(path_ids), Enrolment.status != EnrolmentStatus.STOPPED)
        .group_by(Enrolment.path_id)
        .order_by(Enrolment.path_id)
    )
    return {row[0]: row[1] for row in rows}


def list_following(
    db: Session,
    path_id: UUID,
    cohort_id: UUID | None = None,
    *,
    count: int = 0,
    offset: int,
    limit: int,
) -> list[Enrolment]:
    """Who follows this path (with that cohort), by name: a page of the ``count`` of them.

    A few are put in order. Of many, a page is met soon by going through the place by name, and
    putting them all in order would take longer than the rest of the page.
    """
    living = _living(path_id, cohort_id)
    if count > MANY:
        here = select(User.id).where(exists().where(Enrolment.user_id == User.id, *living))
    else:
        here = select(User.id).join(Enrolment, Enrolment.user_id == User.id).where(*living)
    by_name = (User.sort_name, User.id)
    page = here.order_by(*by_name).offset(offset).limit(limit)
    return list(
        db.scalars(
            select(Enrolment)
            .join(Enrolment.user)
            .where(Enrolment.user_id.in_(page), *living)
            .order_by(*by_name)
            .options(*_WITH_PATH, contains_eager(Enrolment.user))
        )
    )


def _living(path_id: UUID, cohort_id: UUID | None) -> list[ColumnElement[bool]]:
    living = [Enrolment.path_id == path_id, Enrolment.status != EnrolmentStatus.STOPPED]
    return [*living, Enrolment.cohort_id == cohort_id] if cohort_id else living


def find_living_enrolment(db: Session, user_id: UUID, path_id: UUID) -> Enrolment | None:
    """The enrolment by which this person follows the path (active or paused), or None."""
    return db.scalar(
        select(Enrolment).where(
            Enrolment.user_id == user_id,
            Enrolment.path_id == path_id,
            Enrolment.status != EnrolmentStatus.STOPPED,
        )
    )


def list_enrolments_of(db: Session, user_ids: Sequence[UUID]) -> list[Enrolment]:
    """The enrolments of those people, oldest first."""
    if not user_ids:
        return []
    return list(
        db.scalars(
            select(Enrolment)
            .where(is_among(Enrolment.user_id, user_ids))
            .order_by(Enrolment.started_at, Enrolment.id)
            .options(*_WITH_PATH, _WITH_COHORT)
        )
    )


def list_enrolments_on(
    db: Session, user_ids: Sequence[UUID], path_ids: Sequence[UUID] | None
) -> Sequence[Enrolment]:
    """Those people's enrolments on those paths (None: on any), whatever their status."""
    if not user_ids or (path_ids is not None and not path_ids):
        return []
    query = select(Enrolment).where(is_among(Enrolment.user_id, user_ids))
    if path_ids is not None:
        query = query.where(Enrolment.path_id.in_(path_ids))
    return db.scalars(
        query.options(joinedload(Enrolment.path)).order_by(Enrolment.started_at, Enrolment.id)
    ).all()


def list_enrolment_ids(db: Session, before: datetime | None = None) -> list[UUID]:
    """The ids of all enrolments, or of those begun before that instant, oldest first."""
    query = select(Enrolment.id).order_by(Enrolment.started_at, Enrolment.id)
    if before is not None:
        query = query.where(Enrolment.started_at < before)
    return list(db.scalars(query))


def count_enrolments(db: Session, before: datetime) -> int:
    """How many enrolments began before that instant, stopped since or not."""
    return db.scalar(select(func.count(Enrolment.id)).where(Enrolment.started_at < before)) or 0


def list_begun_ids(db: Session, since: datetime, until: datetime) -> list[UUID]:
    """The ids of the enrolments that began in [since, until), stopped since or not."""
    return list(
        db.scalars(
            select(Enrolment.id)
            .where(Enrolment.started_at >= since, Enrolment.started_at < until)
            .order_by(Enrolment.started_at, Enrolment.id)
        )
    )


def get_enrolments(db: Session, ids: Sequence[UUID]) -> list[Enrolment]:
    """Those enrolments, oldest first."""
    return list(
        db.scalars(
            select(Enrolment)
            .where(is_among(Enrolment.id, ids))
            .order_by(Enrolment.started_at, Enrolment.id)
            .options(*_WITH_PATH)
        )
    )


def list_events(db: Session, user_ids: Sequence[UUID]) -> list[tuple[Enrolment, EnrolmentEvent]]:
    """The changes of status of those people's enrolments, oldest first."""
    if not user_ids:
        return []
    rows = db.execute(
        select(Enrolment, EnrolmentEvent)
        .join(EnrolmentEvent, EnrolmentEvent.enrolment_id == Enrolment.id)
        .where(is_among(Enrolment.user_id, user_ids))
        .order_by(EnrolmentEvent.at, EnrolmentEvent.id)
        .options(*_WITH_PATH)
    )
    return [(enrolment, event) for enrolment, event in rows]


def latest_turns(db: Session, among: Among = None) -> dict[UUID, datetime]:
    """When somebody last began, paused, stopped or took up a path, by person; of those alone if
    some are given."""
    query = select(Enrolment.user_id, func.max(EnrolmentEvent.at)).join(
        EnrolmentEvent, EnrolmentEvent.enrolment_id == Enrolment.id
    )
    if among is not None:
        query = query.where(is_among(Enrolment.user_id, among))
    return {row[0]: row[1] for row in db.execute(query.group_by(Enrolment.user_id))}


def list_active(db: Session, among: Among = None) -> list[tuple[UUID, UUID]]:
    """The enrolments under way of accounts that are open, as (person, enrolment), by person; of
    those alone if some are given."""
    query = (
        select(Enrolment.user_id, Enrolment.id)
        .join(User, User.id == Enrolment.user_id)
        .where(Enrolment.status == EnrolmentStatus.ACTIVE, User.active.is_(True))
    )
    if among is not None:
        query = query.where(is_among(Enrolment.user_id, among))
    rows = db.execute(query.order_by(Enrolment.user_id, Enrolment.id))
    return [(row[0], row[1]) for row in rows]


def count_started(db: Session, since: datetime, until: datetime) -> int:
    """How many enrolments began in [since, until)."""
    return (
        db.scalar(
            select(func.count(Enrolment.id)).where(
                Enrolment.started_at >= since, Enrolment.started_at < until
            )
        )
        or 0
    )


def list_followed(db: Session, since: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """(person, path) of each enrolment that began in [since, until), stopped since or not, once."""
    rows = db.execute(
        select(Enrolment.user_id, Enrolment.path_id)
        .where(Enrolment.started_at >= since, Enrolment.started_at < until)
        .distinct()
        .order_by(Enrolment.path_id, Enrolment.user_id)
    )
    return [(row[0], row[1]) for row in rows]


def list_strays(db: Session) -> tuple[int, list[UUID]]:
    """How many enrolments there are, and those whose version belongs to another path."""
    count = db.scalar(select(func.count(Enrolment.id))) or 0
    strays = db.scalars(
        select(Enrolment.id)
        .join(PathVersion, PathVersion.id == Enrolment.version_id)
        .where(PathVersion.path_id != Enrolment.path_id)
        .order_by(Enrolment.id)
    )
    return count, list(strays)


def list_begun(db: Session, since: datetime, until: datetime) -> Sequence[Enrolment]:
    """The enrolments that began in [since, until) and were not stopped since, the first first."""
    return db.scalars(
        select(Enrolment)
        .where(
            Enrolment.started_at >= since,
            Enrolment.started_at < until,
            Enrolment.status != EnrolmentStatus.STOPPED,
        )
        .options(joinedload(Enrolment.path))
        .order_by(Enrolment.started_at, Enrolment.id)
    ).all()
