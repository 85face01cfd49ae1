"""Reading studies, invitations and answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import case, distinct, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from courses.enrolments.models import Enrolment
from tierslieu.among import is_among
from tierslieu.people.models import User
from tierslieu.surveys.models import Instrument, Invitation, ResponseSheet, Study, Wave
from tierslieu.surveys.studies.queries import takes_part


def find_instrument(db: Session, slug: str, version: int) -> Instrument | None:
    """One version of an instrument."""
    return db.scalar(
        select(Instrument).where(Instrument.slug == slug, Instrument.version == version)
    )


def list_instruments(db: Session) -> Sequence[Instrument]:
    """Every version of every instrument."""
    return db.scalars(select(Instrument).order_by(Instrument.slug, Instrument.version)).all()


def find_study_by_slug(db: Session, slug: str) -> Study | None:
    """The study of that name."""
    return db.scalar(select(Study).where(Study.slug == slug))


def list_studies(db: Session) -> Sequence[Study]:
    """Every study with its waves, the oldest first."""
    return db.scalars(
        select(Study)
        .options(selectinload(Study.waves).joinedload(Wave.instrument))
        .order_by(Study.created_at, Study.id)
    ).all()


def list_open_waves(db: Session) -> Sequence[Wave]:
    """The waves of open studies that still invite."""
    return db.scalars(
        select(Wave)
        .join(Wave.study)
        .where(Wave.retired_at.is_(None), Study.opened_at.is_not(None), Study.closed_at.is_(None))
        .options(contains_eager(Wave.study), joinedload(Wave.instrument))
        .order_by(Study.created_at, Wave.position, Wave.id)
    ).all()


def list_invited(db: Session, wave_id: UUID, subjects: Sequence[str]) -> set[tuple[UUID, str]]:
    """Who was already asked about which of these subjects."""
    found = db.execute(
        select(Invitation.user_id, Invitation.subject)
        .where(Invitation.wave_id == wave_id, Invitation.subject.in_(subjects))
        .order_by(Invitation.id)
    )
    return {(user_id, subject) for user_id, subject in found}


def list_active_people(db: Session, user_ids: Sequence[UUID]) -> Sequence[User]:
    """Those of these people who may sign in."""
    return db.scalars(
        select(User).where(is_among(User.id, user_ids), User.active.is_(True)).order_by(User.id)
    ).all()


def find_invitation(db: Session, code: str) -> Invitation | None:
    """The invitation a mailed address leads to: whoever holds the code may answer."""
    return db.scalar(
        select(Invitation)
        .where(Invitation.code == code)
        .options(
            joinedload(Invitation.wave).joinedload(Wave.study),
            joinedload(Invitation.wave).joinedload(Wave.instrument),
        )
    )


def find_invitation_for(db: Session, user_id: UUID | None, code: str) -> Invitation | None:
    """The same, unless somebody else is signed in: a code is not a way to answer for another."""
    found = find_invitation(db, code)
    if found is not None and user_id is not None and found.user_id != user_id:
        return None
    return found


def list_waiting(db: Session, user_id: UUID, now: datetime) -> Sequence[Invitation]:
    """What this person may still answer, what closes first first."""
    found = db.scalars(
        select(Invitation)
        .join(Invitation.wave)
        .join(Wave.study)
        .where(
            Study.closed_at.is_(None),
            Invitation.user_id == user_id,
            Invitation.answered_at.is_(None),
            Invitation.declined_at.is_(None),
            Invitation.closes_at > now,
        )
        .options(joinedload(Invitation.wave).joinedload(Wave.instrument))
        .order_by(Invitation.closes_at, Invitation.id)
    ).all()
    return [one for one in found if takes_part(db, one.wave.study, user_id)]


def list_invitations_of(db: Session, user_id: UUID) -> Sequence[Invitation]:
    """Everything this person was ever asked, the oldest first."""
    return db.scalars(
        select(Invitation)
        .where(Invitation.user_id == user_id)
        .options(joinedload(Invitation.wave).joinedload(Wave.study))
        .order_by(Invitation.invited_at, Invitation.id)
    ).all()


def find_sheet(db: Session, key: str) -> ResponseSheet | None:
    """The answers found by ``pseudonyms.sheet_key``."""
    return db.scalar(
        select(ResponseSheet)
        .where(ResponseSheet.sheet_key == key)
        .options(selectinload(ResponseSheet.answers))
    )


def find_all_t0(db: Session, user_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """Day 0 of each of these people: the first of confirming an account and enrolling in a path."""
    accounts = db.execute(
        select(User.id, func.coalesce(User.confirmed_at, User.created_at))
        .where(is_among(User.id, user_ids))
        .order_by(User.id)
    )
    first = {row[0]: row[1] for row in accounts}
    enrolled = db.execute(
        select(Enrolment.user_id, func.min(Enrolment.started_at))
        .where(is_among(Enrolment.user_id, user_ids))
        .group_by(Enrolment.user_id)
        .order_by(Enrolment.user_id)
    )
    for user_id, at in enrolled:
        first[user_id] = min(first[user_id], at)
    return first


def count_rates(db: Session, since: datetime, until: datetime) -> tuple[int, int]:
    """(who answered one at least, who was invited): people, each once, of the invitations sent in
    the half-open interval."""
    answered = case((Invitation.answered_at.is_not(None), Invitation.user_id))
    row = db.execute(
        select(func.count(distinct(answered)), func.count(distinct(Invitation.user_id))).where(
            Invitation.invited_at >= since, Invitation.invited_at < until
        )
    ).one()
    return int(row[0]), int(row[1])


def count_submitted(db: Session) -> dict[UUID, int]:
    """How many sheets each wave received."""
    rows = db.execute(
        select(ResponseSheet.wave_id, func.count())
        .where(ResponseSheet.is_submitted.is_(True))
        .group_by(ResponseSheet.wave_id)
        .order_by(ResponseSheet.wave_id)
    )
    return {row[0]: row[1] for row in rows}


def count_answered(db: Session) -> dict[UUID, int]:
    """How many invitations of each wave were answered."""
    rows = db.execute(
        select(Invitation.wave_id, func.count())
        .where(Invitation.answered_at.is_not(None))
        .group_by(Invitation.wave_id)
        .order_by(Invitation.wave_id)
    )
    return {row[0]: row[1] for row in rows}
