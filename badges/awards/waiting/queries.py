"""Reading and changing the list made at night. Nothing here reads more of it than it gives, but for
some hundreds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, cast, delete, func, insert, select
from sqlalchemy.orm import Session

from badges.awards.waiting.models import BadgeWaiting, WaitingKind
from badges.designs.models import BadgeClass
from courses.enrolments.models import Enrolment
from courses.progress.models import StepRecord
from tierslieu.agenda.models import LearningSession
from tierslieu.among import is_among
from tierslieu.attendance.models import Attendance
from tierslieu.nightly.rules import MOST, ROWS

Kind = tuple[UUID, WaitingKind]  # a badge, and how it waits
IN_ORDER = (BadgeWaiting.is_withdrawn, BadgeWaiting.at, BadgeWaiting.user_id)


def _of(made_at: datetime, badge_id: Any, kind: WaitingKind, but: UUID) -> Select[Any]:
    return select(BadgeWaiting.user_id).where(
        BadgeWaiting.made_at == made_at,
        BadgeWaiting.badge_id == badge_id,
        BadgeWaiting.kind == kind,
        BadgeWaiting.user_id != but,
    )


def _by_badge(made_at: datetime, kind: WaitingKind, but: UUID) -> Select[Any]:
    """Those of the badge of the row where it is asked."""
    return _of(made_at, BadgeClass.id, kind, but).correlate(BadgeClass)


def list_first(
    db: Session, made_at: datetime, badge_ids: Sequence[UUID], but: UUID, limit: int
) -> set[UUID]:
    """The people who wait longest for each of these badges in each way, so many of each; ``but``
    one."""
    parts = []
    for kind in WaitingKind:
        some = _by_badge(made_at, kind, but).order_by(*IN_ORDER).limit(limit).subquery()
        # One value of several rows: a question has one part for each way, however many badges.
        ids = func.aggregate_strings(cast(some.c.user_id, String), ",")
        parts.append(select(ids).select_from(some).scalar_subquery())
    rows = db.execute(
        select(*parts).where(is_among(BadgeClass.id, badge_ids)).order_by(BadgeClass.id)
    )
    return {UUID(one) for row in rows for ids in row if ids for one in ids.split(",")}


def list_ready_first(
    db: Session, made_at: datetime, badge_id: UUID, but: UUID, limit: int
) -> list[UUID]:
    """Who meets all that this badge asks and from whom it was not withdrawn, the longest first."""
    query = _of(made_at, badge_id, WaitingKind.READY, but)
    query = query.where(BadgeWaiting.is_withdrawn.is_(False))
    return list(db.scalars(query.order_by(*IN_ORDER).limit(limit)))


def count_waiting(
    db: Session,
    made_at: datetime,
    badge_ids: Sequence[UUID],
    but: UUID,
    *,
    with_withdrawn: bool = True,
) -> dict[Kind, int]:
    """How many wait for each badge in each way; ``MOST`` for that many or more."""
    counts = []
    for kind in WaitingKind:
        query = _by_badge(made_at, kind, but)
        if not with_withdrawn:
            query = query.where(BadgeWaiting.is_withdrawn.is_(False))
        some = query.limit(MOST).subquery()
        counts.append(select(func.count()).select_from(some).scalar_subquery())
    rows = db.execute(
        select(BadgeClass.id, *counts)
        .where(is_among(BadgeClass.id, badge_ids))
        .order_by(BadgeClass.id)
    )
    return {
        (badge_id, kind): count
        for badge_id, *row in rows
        for kind, count in zip(WaitingKind, row, strict=True)
    }


def list_known(
    db: Session, made_at: datetime, user_ids: Sequence[UUID]
) -> set[tuple[UUID, WaitingKind, UUID]]:
    """What the list says of those people: (badge, way, person)."""
    rows = db.execute(
        select(BadgeWaiting.badge_id, BadgeWaiting.kind, BadgeWaiting.user_id)
        .where(BadgeWaiting.made_at == made_at, is_among(BadgeWaiting.user_id, user_ids))
        .order_by(BadgeWaiting.badge_id, BadgeWaiting.user_id)
    )
    return {(badge_id, kind, user_id) for badge_id, kind, user_id in rows}


def list_touched(db: Session, since: datetime, limit: int) -> set[UUID]:
    """The last people of whom a presence was noted, at a session since the day before then, or a
    step validated or returned since then: so many of each at most. What else may bring somebody
    nearer to a badge is seen the next night."""
    noted = db.scalars(
        select(Attendance.user_id)
        .join(LearningSession, LearningSession.id == Attendance.session_id)
        .where(
            LearningSession.starts_at > since - timedelta(days=1),
            Attendance.noted_at > since,
            Attendance.user_id.is_not(None),
        )
        .order_by(Attendance.noted_at.desc(), Attendance.id)
        .limit(limit)
    )
    decided = db.scalars(
        select(Enrolment.user_id)
        .join(StepRecord, StepRecord.enrolment_id == Enrolment.id)
        .where(StepRecord.decided_at > since)
        .order_by(StepRecord.decided_at.desc(), StepRecord.id)
        .limit(limit)
    )
    return {user_id for user_id in (*noted, *decided) if user_id is not None}


def list_of_person(db: Session, user_id: UUID) -> list[tuple[str, datetime]]:
    """The badges that wait for this person in a list, by name, and of when it is."""
    rows = db.execute(
        select(BadgeClass.name, BadgeWaiting.made_at)
        .join(BadgeClass, BadgeClass.id == BadgeWaiting.badge_id)
        .where(BadgeWaiting.user_id == user_id)
        .order_by(BadgeWaiting.made_at, BadgeClass.name, BadgeClass.id)
    )
    return [(name, made_at) for name, made_at in rows]


def add_waiting(db: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows of a list, as they are."""
    if rows:
        db.execute(insert(BadgeWaiting), list(rows))


def remove_given(db: Session, badge_id: UUID, user_ids: Sequence[UUID]) -> None:
    """These people wait for this badge no more: they have it."""
    db.execute(
        delete(BadgeWaiting).where(
            BadgeWaiting.badge_id == badge_id, is_among(BadgeWaiting.user_id, user_ids)
        )
    )


def remove_person(db: Session, user_id: UUID) -> None:
    """This person stands in no list any more."""
    db.execute(delete(BadgeWaiting).where(BadgeWaiting.user_id == user_id))


def remove_lists(db: Session, but: datetime | None) -> int:
    """Some rows of every list but the one made then; how many. 0: none is left."""
    old = select(BadgeWaiting.user_id)
    if but is not None:
        old = old.where(BadgeWaiting.made_at != but)
    ids = set(db.scalars(old.order_by(BadgeWaiting.user_id).limit(ROWS)))
    if not ids:
        return 0
    gone = delete(BadgeWaiting).where(is_among(BadgeWaiting.user_id, ids))
    if but is not None:
        gone = gone.where(BadgeWaiting.made_at != but)
    return int(getattr(db.execute(gone), "rowcount", 0))
