"""Every SELECT of reports and decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.among import is_among
from tierslieu.community.aid.models import Act, AidAsk, AidDecision, AidMessage, AidReport
from tierslieu.people.models import User


def suspended_until(db: Session, user_id: UUID, now: datetime) -> datetime | None:
    """Until when this person may not write; None: they may."""
    last = db.scalar(
        select(AidDecision)
        .where(AidDecision.person_id == user_id, AidDecision.act.in_((Act.SUSPEND, Act.LIFT)))
        .order_by(AidDecision.at.desc(), AidDecision.id.desc())
        .limit(1)
    )
    until = last.until if last is not None else None
    return until if until is not None and until > now else None


def find_report(db: Session, message_id: UUID, reporter_id: UUID) -> AidReport | None:
    """This person's report of that message."""
    return db.scalar(
        select(AidReport).where(
            AidReport.message_id == message_id, AidReport.reporter_id == reporter_id
        )
    )


def list_reports(db: Session, message_id: UUID, *, is_open: bool = False) -> list[AidReport]:
    """The reports of a message, the first first; only those that no decision answers, if asked."""
    query = select(AidReport).where(AidReport.message_id == message_id)
    if is_open:
        query = query.where(AidReport.settled_at.is_(None))
    return list(db.scalars(query.order_by(AidReport.created_at, AidReport.id)))


def has_open_report(db: Session, message_id: UUID) -> bool:
    """Whether somebody reported that message and the team has not decided yet."""
    return bool(list_reports(db, message_id, is_open=True))


def _queue() -> Any:
    return (
        select(AidReport.message_id, func.min(AidReport.created_at).label("since"))
        .where(AidReport.settled_at.is_(None))
        .group_by(AidReport.message_id)
        .subquery()
    )


def count_queue(db: Session) -> int:
    """How many messages were reported and not looked at."""
    return db.scalar(select(func.count()).select_from(_queue())) or 0


def list_queue(db: Session, *, limit: int, offset: int) -> list[AidMessage]:
    """Messages that were reported and not looked at, those that wait longest first."""
    waits = _queue()
    return list(
        db.scalars(
            select(AidMessage)
            .join(waits, waits.c.message_id == AidMessage.id)
            .order_by(waits.c.since, AidMessage.id)
            .limit(limit)
            .offset(offset)
            .options(
                joinedload(AidMessage.ask).options(
                    joinedload(AidAsk.path), joinedload(AidAsk.cohort)
                )
            )
        )
    )


def count_reports(db: Session, message_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many reports of each of those messages wait."""
    rows = db.execute(
        select(AidReport.message_id, func.count(AidReport.id))
        .where(AidReport.message_id.in_(message_ids), AidReport.settled_at.is_(None))
        .group_by(AidReport.message_id)
        .order_by(AidReport.message_id)
    )
    return {row[0]: row[1] for row in rows}


def list_reported_by(db: Session, user_id: UUID) -> list[AidReport]:
    """What this person reported, the oldest first."""
    return list(
        db.scalars(
            select(AidReport)
            .where(AidReport.reporter_id == user_id)
            .order_by(AidReport.created_at, AidReport.id)
        )
    )


def count_decisions(db: Session) -> int:
    """How many decisions are kept."""
    return db.scalar(select(func.count(AidDecision.id))) or 0


def list_decisions(
    db: Session,
    *,
    message_id: UUID | None = None,
    person_id: UUID | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> list[AidDecision]:
    """Decisions, the latest first: all, or about a message, or about a person."""
    query = select(AidDecision)
    if message_id is not None or person_id is not None:
        query = query.where(
            or_(AidDecision.message_id == message_id, AidDecision.person_id == person_id)
            if message_id is not None and person_id is not None
            else AidDecision.message_id == message_id
            if message_id is not None
            else AidDecision.person_id == person_id
        )
    return list(
        db.scalars(
            query.order_by(AidDecision.at.desc(), AidDecision.id.desc()).limit(limit).offset(offset)
        )
    )


def last_words(db: Session, message_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The word with which each of those messages was last hidden."""
    rows = db.execute(
        select(AidDecision.message_id, AidDecision.word)
        .where(AidDecision.message_id.in_(message_ids), AidDecision.act == Act.HIDE)
        .order_by(AidDecision.at, AidDecision.id)
    )
    return {row[0]: row[1] for row in rows if row[0] is not None}


def list_old_decisions(db: Session, before: datetime, limit: int) -> list[AidDecision]:
    """Decisions made before then, the oldest first."""
    return list(
        db.scalars(
            select(AidDecision)
            .where(AidDecision.at < before)
            .order_by(AidDecision.at, AidDecision.id)
            .limit(limit)
        )
    )


def people_names(db: Session, user_ids: Sequence[UUID | None]) -> dict[UUID, str]:
    """The accounts' names of those people, for the team."""
    wanted = {one for one in user_ids if one is not None}
    rows = db.execute(select(User.id, User.name).where(is_among(User.id, wanted)).order_by(User.id))
    return {row[0]: row[1] for row in rows}
