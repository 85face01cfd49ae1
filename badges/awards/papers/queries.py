"""Reading batches of certificates and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal_column, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import OPEN, Award, Sharing
from badges.awards.papers.models import PaperBatch, PaperLine, PaperLineState, PaperState
from badges.awards.renewals.queries import CURRENT
from badges.designs.models import BadgeClass
from tierslieu.clockwork import nobody_at
from tierslieu.counting import count_in
from tierslieu.people.models import User

_WAITING = PaperLine.state == PaperLineState.WAITING


# In so many words, no parameter: an index is of those rows (``models.Award``).
_NOTHING: ColumnElement[str] = literal_column("''")


def is_printable() -> ColumnElement[bool]:
    """Awards a certificate can be drawn of by the team: standing, not renewed since, and naming
    somebody who does not keep the name back."""
    return and_(
        *CURRENT,
        Award.suspended_at.is_(None),
        Award.credential != _NOTHING,
        Award.holder_name != _NOTHING,
        Award.is_named,
    )


def find_printable(db: Session, award_id: UUID) -> Award | None:
    """The award, if a certificate can be drawn of it."""
    return db.scalar(
        select(Award)
        .where(Award.id == award_id, is_printable())
        .options(joinedload(Award.badge).selectinload(BadgeClass.skills))
        .options(joinedload(Award.badge).selectinload(BadgeClass.own_picture))
    )


def list_printable(db: Session, badge_id: UUID) -> Sequence[UUID]:
    """The awards of this badge a certificate can be drawn of, by the name of their holders."""
    return db.scalars(
        select(Award.id)
        .where(Award.badge_id == badge_id, is_printable())
        .order_by(func.lower(Award.holder_name), Award.id)
    ).all()


def count_printable(db: Session, badge_id: UUID) -> tuple[int, int]:
    """How many those are, and how many of them their holders share; each as ``count_to_cap``."""
    every = select(Award.id).where(Award.badge_id == badge_id, is_printable())
    total, shared = db.execute(
        select(count_in(every), count_in(every.where(Award.sharing.in_(OPEN))))
    ).one()
    return total, shared


def list_papers_for(db: Session, user_id: UUID, badge_id: UUID) -> Sequence[PaperBatch]:
    """What this person asked for of this badge and can still fetch, the newest first."""
    return db.scalars(
        select(PaperBatch)
        .where(
            PaperBatch.created_by_id == user_id,
            PaperBatch.badge_id == badge_id,
            PaperBatch.state != PaperState.GONE,
        )
        .order_by(PaperBatch.created_at.desc(), PaperBatch.id)
    ).all()


def find_papers_for(db: Session, user_id: UUID, batch_id: UUID) -> PaperBatch | None:
    """The batch, if this person asked for it."""
    return db.scalar(
        select(PaperBatch)
        .where(PaperBatch.id == batch_id, PaperBatch.created_by_id == user_id)
        .options(joinedload(PaperBatch.badge))
    )


def find_running(db: Session, user_id: UUID | None, badge_id: UUID, lang: str) -> PaperBatch | None:
    """The same request, still under way."""
    return db.scalar(
        select(PaperBatch)
        .where(
            PaperBatch.created_by_id == user_id,
            PaperBatch.badge_id == badge_id,
            PaperBatch.language == lang,
            PaperBatch.state == PaperState.RUNNING,
        )
        .order_by(PaperBatch.created_at, PaperBatch.id)
        .limit(1)
    )


def count_papers(db: Session, batch_id: UUID) -> dict[PaperLineState, int]:
    """How many lines there are in each state."""
    rows = db.execute(
        select(PaperLine.state, func.count().label("lines"))
        .where(PaperLine.batch_id == batch_id)
        .group_by(PaperLine.state)
        .order_by(PaperLine.state)
    )
    return {row.state: row.lines for row in rows}


def list_running(db: Session) -> Sequence[PaperBatch]:
    """Batches not drawn to their end, the oldest first."""
    return db.scalars(
        select(PaperBatch)
        .where(PaperBatch.state == PaperState.RUNNING)
        .order_by(PaperBatch.created_at, PaperBatch.id)
    ).all()


def has_waiting(db: Session, batch_id: UUID) -> bool:
    """Whether a line of this batch still waits for its turn, leased or not."""
    return bool(db.scalar(select(exists().where(PaperLine.batch_id == batch_id, _WAITING))))


def _for_writing(query: Select[PaperLine]) -> Select[PaperLine]:
    return query.order_by(PaperLine.position, PaperLine.id).execution_options(
        populate_existing=True
    )


def take_free_lines(db: Session, batch_id: UUID, now: datetime, limit: int) -> Sequence[PaperLine]:
    """The next lines nobody is at, locked; lines that another worker takes are left to it."""
    free = nobody_at(PaperLine.leased_until, now)
    query = select(PaperLine).where(PaperLine.batch_id == batch_id, _WAITING, free)
    return db.scalars(
        _for_writing(query).limit(limit).with_for_update(of=PaperLine, skip_locked=True)
    ).all()


def lock_lines(db: Session, line_ids: Sequence[UUID]) -> Sequence[PaperLine]:
    """Those of these lines that still wait, locked."""
    query = select(PaperLine).where(PaperLine.id.in_(line_ids), _WAITING)
    return db.scalars(_for_writing(query).with_for_update(of=PaperLine)).all()


def list_to_draw(db: Session, line_ids: Sequence[UUID]) -> Sequence[tuple[UUID, Award]]:
    """These lines with their awards, as far as a certificate can still be drawn of them."""
    rows = db.execute(
        select(PaperLine.id, Award)
        .join(Award, Award.id == PaperLine.award_id)
        .where(PaperLine.id.in_(line_ids), is_printable())
        .options(joinedload(Award.badge).selectinload(BadgeClass.skills))
        .options(joinedload(Award.badge).selectinload(BadgeClass.own_picture))
        .order_by(PaperLine.position, PaperLine.id)
        .execution_options(populate_existing=True)
    )
    return [(line_id, award) for line_id, award in rows]


def list_drawn(db: Session, batch_id: UUID) -> Sequence[PaperLine]:
    """The certificates of a batch in the order of the names."""
    return db.scalars(
        select(PaperLine)
        .where(PaperLine.batch_id == batch_id, PaperLine.state == PaperLineState.DRAWN)
        .options(selectinload(PaperLine.award))
        .order_by(PaperLine.position, PaperLine.id)
        .execution_options(populate_existing=True)
    ).all()


def list_outdated(db: Session, batch_id: UUID) -> Sequence[UUID]:
    """Certificates drawn here that would no longer be drawn so: the badge was withdrawn or erased,
    or its holder, who shared it, keeps it private again."""
    closed = and_(PaperLine.carries_file, Award.sharing == Sharing.PRIVATE)
    return db.scalars(
        select(PaperLine.id)
        .join(Award, Award.id == PaperLine.award_id)
        .where(PaperLine.batch_id == batch_id, PaperLine.state == PaperLineState.DRAWN)
        .where(or_(~is_printable(), closed))
        .order_by(PaperLine.id)
    ).all()


def list_kept(db: Session) -> Sequence[PaperBatch]:
    """Batches whose file is there."""
    return db.scalars(
        select(PaperBatch).where(PaperBatch.state == PaperState.DONE).order_by(PaperBatch.id)
    ).all()


def list_old(db: Session, before: datetime) -> Sequence[PaperBatch]:
    """Batches without a file, asked for before then."""
    return db.scalars(
        select(PaperBatch)
        .where(PaperBatch.state == PaperState.GONE, PaperBatch.created_at < before)
        .order_by(PaperBatch.id)
    ).all()


def list_about(db: Session, user_id: UUID) -> Sequence[PaperBatch]:
    """Batches with a certificate of this person, whose files are not removed."""
    address = select(User.email).where(User.id == user_id).scalar_subquery()
    theirs = or_(Award.user_id == user_id, Award.recipient_email == address)
    about = select(PaperLine.batch_id).join(Award, Award.id == PaperLine.award_id).where(theirs)
    return db.scalars(
        select(PaperBatch)
        .where(PaperBatch.id.in_(about), PaperBatch.state == PaperState.DONE)
        .order_by(PaperBatch.id)
    ).all()
