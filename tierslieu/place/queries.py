"""Reading what the place says of itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.place.closed import ToldClosure, closures_told
from tierslieu.place.models import PlacePicture, PlaceVersion
from tierslieu.place.said import Closure, Place, Section, closures_of, place_of
from tierslieu.settings import Settings


def read_place(db: Session, settings: Settings) -> Place:
    """What the place says of itself now: one query.

    It may be asked at any moment, also between transactions (while a paper is drawn, say): it
    leaves none open that it did not find open, and flushes nothing.
    """
    newest = (
        select(PlaceVersion.number, PlaceVersion.said).order_by(PlaceVersion.number.desc()).limit(1)
    )
    with _leaving_no_trace(db):
        row = db.execute(newest).first()
    return place_of(row.number, row.said, settings) if row else place_of(0, {}, settings)


def read_picture(db: Session, digest: str) -> bytes:
    """The content of the picture of that digest, at any moment as :func:`read_place`; empty if
    there is none."""
    with _leaving_no_trace(db):
        data = db.scalar(select(PlacePicture.data).where(PlacePicture.digest == digest))
    return data or b""


@contextmanager
def _leaving_no_trace(db: Session) -> Iterator[None]:
    """Within it, nothing is flushed; after it, no transaction stands that did not before."""
    found_open = db.in_transaction()
    try:
        with db.no_autoflush:
            yield
    finally:
        if not found_open:
            db.rollback()


def list_closures(db: Session) -> list[Closure]:
    """The days on which the whole place is closed, past ones too, in order: for rules, which know
    no settings."""
    said = db.scalar(select(PlaceVersion.said).order_by(PlaceVersion.number.desc()).limit(1))
    return closures_of(said or {})


def list_closures_told(db: Session, since: date) -> list[ToldClosure]:
    """Every closure that ended on that day or later, those that were taken back too, in order."""
    versions = (
        select(PlaceVersion.said, PlaceVersion.made_at)
        .where(PlaceVersion.section == Section.HOURS.value)
        .order_by(PlaceVersion.number)
    )
    told = closures_told((row.said, row.made_at) for row in db.execute(versions))
    return [one for one in told if one.last >= since]


def find_version(db: Session, number: int) -> PlaceVersion | None:
    """That version."""
    return db.get(PlaceVersion, number)


def find_picture(db: Session, digest: str) -> PlacePicture | None:
    """The picture of that digest."""
    return db.get(PlacePicture, digest)


def list_versions(db: Session, most: int) -> Sequence[PlaceVersion]:
    """The last changes, the newest first."""
    newest = select(PlaceVersion).order_by(PlaceVersion.number.desc()).limit(most)
    return db.scalars(newest).all()
