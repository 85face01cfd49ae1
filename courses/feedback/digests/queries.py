"""Every SELECT of the digests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from courses.feedback.models import (
    CourseContact,
    CourseDigest,
    CourseFeedback,
    FeedbackEvent,
    FeedbackState,
    MeToo,
)
from courses.feedback.queries import Filter, filtered, whole
from courses.paths.models import Path

TOLD = (FeedbackState.CONFIRMED, FeedbackState.SENT)


@dataclass(frozen=True)
class News:
    """A report with what is new of it: whether its state is, how many more saw it."""

    report: CourseFeedback
    is_new_state: bool
    saw: int


def list_contacts(db: Session, path_id: UUID, *, active: bool = False) -> list[CourseContact]:
    """The addresses of a course's team; only those that still get mails, if asked."""
    query = select(CourseContact).where(CourseContact.path_id == path_id)
    if active:
        query = query.where(CourseContact.unsubscribed_at.is_(None))
    return list(db.scalars(query.order_by(CourseContact.email)))


def find_contact(db: Session, contact_id: UUID) -> CourseContact | None:
    """One address, or None."""
    return db.get(CourseContact, contact_id)


def find_address(db: Session, path_id: UUID, email: str) -> CourseContact | None:
    """The contact of a path at that address, or None."""
    return db.scalar(
        select(CourseContact).where(CourseContact.path_id == path_id, CourseContact.email == email)
    )


def list_contacts_at(db: Session, email: str) -> list[CourseContact]:
    """Where an address stands, by path."""
    query = select(CourseContact).where(CourseContact.email == email.lower())
    return list(db.scalars(query.order_by(CourseContact.path_id)))


def list_due_paths(db: Session, week: date) -> list[UUID]:
    """The paths whose team is to be told of that week, and was not yet."""
    return list(
        db.scalars(
            select(Path.id)
            .where(
                exists().where(
                    CourseContact.path_id == Path.id, CourseContact.unsubscribed_at.is_(None)
                ),
                ~exists().where(CourseDigest.path_id == Path.id, CourseDigest.week == week),
            )
            .order_by(Path.position, Path.id)
        )
    )


def list_digests(db: Session, path_id: UUID, limit: int = 12) -> list[CourseDigest]:
    """The last digests of a path, the newest first."""
    return list(
        db.scalars(
            select(CourseDigest)
            .where(CourseDigest.path_id == path_id)
            .order_by(CourseDigest.week.desc())
            .limit(limit)
        )
    )


def find_digest(db: Session, path_id: UUID, week: date) -> CourseDigest | None:
    """What was told of a path that week, or None."""
    return db.scalar(
        select(CourseDigest).where(CourseDigest.path_id == path_id, CourseDigest.week == week)
    )


def list_news(db: Session, path: Path, since: datetime | None, until: datetime) -> Sequence[News]:
    """The confirmed and sent reports of a path of which something happened in [since, until): they
    became so, or more people said «moi aussi». The oldest first; duplicates count once."""
    changed = _within(
        select(FeedbackEvent.id).where(
            FeedbackEvent.feedback_id == CourseFeedback.id,
            FeedbackEvent.to_state.in_(TOLD),
            FeedbackEvent.merged_into_id.is_(None),
        ),
        FeedbackEvent.at,
        since,
        until,
    ).exists()
    saw = _within(
        select(func.count(MeToo.id)).where(MeToo.feedback_id == CourseFeedback.id),
        MeToo.at,
        since,
        until,
    ).scalar_subquery()
    rows = db.execute(
        filtered(select(CourseFeedback, changed, saw), Filter(path=path.slug))
        .where(and_(CourseFeedback.state.in_(TOLD), or_(changed, saw > 0)))
        .order_by(CourseFeedback.created_at, CourseFeedback.id)
        .options(*whole())
    )
    return [News(row[0], bool(row[1]), row[2]) for row in rows]


def _within(
    query: Select[Any], column: Any, since: datetime | None, until: datetime
) -> Select[Any]:
    query = query.where(column < until).correlate(CourseFeedback)
    return query if since is None else query.where(column >= since)
