"""Which versions there are, and which were answered."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.surveys.models import Instrument, ResponseSheet, Wave


def last_version(db: Session, slug: str) -> int:
    """The number of the newest version of a questionnaire; 0 if there is none."""
    return db.scalar(select(func.max(Instrument.version)).where(Instrument.slug == slug)) or 0


def was_answered(db: Session, instrument_id: UUID) -> bool:
    """Whether somebody answered it, or began to."""
    asked = exists().where(ResponseSheet.instrument_id == instrument_id)
    return bool(db.scalar(select(asked)))


def list_answered(db: Session) -> set[UUID]:
    """The versions that somebody answered, or began to."""
    asked = exists().where(ResponseSheet.instrument_id == Instrument.id)
    return set(db.scalars(select(Instrument.id).where(asked).order_by(Instrument.id)))


def count_waves(db: Session, instrument_id: UUID) -> int:
    """How many waves ask it."""
    query = select(func.count()).select_from(Wave).where(Wave.instrument_id == instrument_id)
    return db.scalar(query) or 0


def list_waves_asking(db: Session, instrument_id: UUID) -> Sequence[Wave]:
    """The waves that ask it, with their study."""
    return db.scalars(
        select(Wave)
        .where(Wave.instrument_id == instrument_id)
        .options(joinedload(Wave.study))
        .order_by(Wave.id)
    ).all()


def list_versions(db: Session, slug: str) -> Sequence[Instrument]:
    """Every version of a questionnaire, the newest first."""
    return db.scalars(
        select(Instrument).where(Instrument.slug == slug).order_by(Instrument.version.desc())
    ).all()
