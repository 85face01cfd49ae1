"""Reading batches and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from badges.awards.models import AwardBatch, AwardBatchLine, BatchState, LineState, Outlook
from tierslieu.clockwork import nobody_at
from tierslieu.people.models import User

_WAITING = AwardBatchLine.state == LineState.WAITING


@dataclass(frozen=True)
class Tally:
    """How many lines of a batch there are, by what the dry run said and by what became of them."""

    outlooks: dict[Outlook, int] = field(default_factory=dict)
    states: dict[LineState, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Every line."""
        return sum(self.states.values())

    @property
    def promised(self) -> int:
        """Lines that the dry run would award."""
        return self.outlooks.get(Outlook.ACCOUNT, 0) + self.outlooks.get(Outlook.ADDRESS, 0)

    @property
    def over(self) -> int:
        """Lines of those whose turn has come."""
        return self.promised - self.waiting

    @property
    def waiting(self) -> int:
        """Lines whose turn has not come."""
        return self.states.get(LineState.WAITING, 0)

    @property
    def refused(self) -> int:
        """Lines that the dry run would award and that were refused at their turn."""
        return self.states.get(LineState.REFUSED, 0)

    @property
    def stopped(self) -> int:
        """Lines that were left when a person stopped the batch."""
        return self.states.get(LineState.STOPPED, 0)

    @property
    def done(self) -> int:
        """Lines that became an award."""
        return self.states.get(LineState.DONE, 0)


def count_lines(db: Session, batch_ids: Sequence[UUID]) -> dict[UUID, Tally]:
    """The tally of each of these batches, in one query."""
    rows = db.execute(
        select(AwardBatchLine.batch_id, AwardBatchLine.outlook, AwardBatchLine.state, func.count())
        .where(AwardBatchLine.batch_id.in_(batch_ids))
        .group_by(AwardBatchLine.batch_id, AwardBatchLine.outlook, AwardBatchLine.state)
        .order_by(AwardBatchLine.batch_id, AwardBatchLine.outlook, AwardBatchLine.state)
    )
    tallies = {batch_id: Tally() for batch_id in batch_ids}
    for batch_id, outlook, state, count in rows:
        tally = tallies[batch_id]
        tally.outlooks[outlook] = tally.outlooks.get(outlook, 0) + count
        tally.states[state] = tally.states.get(state, 0) + count
    return tallies


def _seen_by(user_id: UUID) -> ColumnElement[bool]:
    """A dry run is its author's; what was confirmed is the whole team's to see."""
    return or_(AwardBatch.state != BatchState.DRAFT, AwardBatch.created_by_id == user_id)


def find_batch_for(db: Session, user_id: UUID, batch_id: UUID) -> AwardBatch | None:
    """The batch, if this member of the team may see it."""
    return db.scalar(
        select(AwardBatch)
        .where(AwardBatch.id == batch_id, _seen_by(user_id))
        .options(joinedload(AwardBatch.badge), joinedload(AwardBatch.created_by))
    )


def list_batches_for(
    db: Session, user_id: UUID, offset: int, limit: int, badge_id: UUID | None = None
) -> Sequence[AwardBatch]:
    """Batches this member of the team may see, the newest first."""
    query = select(AwardBatch).where(_seen_by(user_id))
    if badge_id is not None:
        query = query.where(AwardBatch.badge_id == badge_id)
    return db.scalars(
        query.options(joinedload(AwardBatch.badge), joinedload(AwardBatch.created_by))
        .order_by(AwardBatch.created_at.desc(), AwardBatch.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count_batches_for(db: Session, user_id: UUID, badge_id: UUID | None = None) -> int:
    """How many batches :func:`list_batches_for` would find."""
    query = select(func.count()).select_from(AwardBatch).where(_seen_by(user_id))
    if badge_id is not None:
        query = query.where(AwardBatch.badge_id == badge_id)
    return db.scalar(query) or 0


def list_lines(
    db: Session,
    batch_id: UUID,
    offset: int,
    limit: int,
    *,
    outlook: Outlook | None = None,
    state: LineState | None = None,
) -> Sequence[AwardBatchLine]:
    """Lines of a batch in the order of the file, all or of one kind."""
    query = select(AwardBatchLine).where(AwardBatchLine.batch_id == batch_id)
    if outlook is not None:
        query = query.where(AwardBatchLine.outlook == outlook)
    if state is not None:
        query = query.where(AwardBatchLine.state == state)
    return db.scalars(
        query.options(selectinload(AwardBatchLine.user))
        .order_by(AwardBatchLine.position, AwardBatchLine.id)
        .offset(offset)
        .limit(limit)
    ).all()


def list_lines_beyond(
    db: Session, batch_id: UUID, position: int, limit: int
) -> Sequence[AwardBatchLine]:
    """Lines of a batch after this position, in the order of the file."""
    return db.scalars(
        select(AwardBatchLine)
        .where(AwardBatchLine.batch_id == batch_id, AwardBatchLine.position > position)
        .options(selectinload(AwardBatchLine.user))
        .order_by(AwardBatchLine.position, AwardBatchLine.id)
        .limit(limit)
    ).all()


def list_running(db: Session) -> Sequence[AwardBatch]:
    """Confirmed batches that are not over, the first confirmed first."""
    return db.scalars(
        select(AwardBatch)
        .where(AwardBatch.state == BatchState.RUNNING)
        .order_by(AwardBatch.confirmed_at, AwardBatch.id)
    ).all()


def has_waiting(db: Session, batch_id: UUID) -> bool:
    """Whether a line of this batch still waits for its turn, leased or not."""
    return bool(db.scalar(select(exists().where(AwardBatchLine.batch_id == batch_id, _WAITING))))


def _for_writing(query: Select[AwardBatchLine]) -> Select[AwardBatchLine]:
    return query.order_by(AwardBatchLine.position, AwardBatchLine.id).execution_options(
        populate_existing=True
    )


def take_free_lines(
    db: Session, batch_id: UUID, now: datetime, limit: int
) -> Sequence[AwardBatchLine]:
    """The next lines nobody is at, locked; lines that another worker takes are left to it."""
    free = nobody_at(AwardBatchLine.leased_until, now)
    query = select(AwardBatchLine).where(AwardBatchLine.batch_id == batch_id, _WAITING, free)
    return db.scalars(
        _for_writing(query).limit(limit).with_for_update(of=AwardBatchLine, skip_locked=True)
    ).all()


def lock_lines(db: Session, line_ids: Sequence[UUID]) -> Sequence[AwardBatchLine]:
    """Those of these lines that still wait, locked."""
    query = select(AwardBatchLine).where(AwardBatchLine.id.in_(line_ids), _WAITING)
    return db.scalars(_for_writing(query).with_for_update(of=AwardBatchLine)).all()


def get_lines(db: Session, line_ids: Sequence[UUID]) -> Sequence[AwardBatchLine]:
    """These lines with their people, in the order of the file."""
    return db.scalars(
        select(AwardBatchLine)
        .where(AwardBatchLine.id.in_(line_ids))
        .options(selectinload(AwardBatchLine.user))
        .order_by(AwardBatchLine.position, AwardBatchLine.id)
    ).all()


def list_lines_about(db: Session, user_id: UUID) -> Sequence[AwardBatchLine]:
    """Lines that say something of this person, by account or by address."""
    address = select(User.email).where(User.id == user_id).scalar_subquery()
    return db.scalars(
        select(AwardBatchLine)
        .where(or_(AwardBatchLine.user_id == user_id, AwardBatchLine.email == address))
        .order_by(AwardBatchLine.id)
    ).all()


def list_stale_drafts(db: Session, before: datetime) -> Sequence[AwardBatch]:
    """Dry runs nobody confirmed, begun before then."""
    return db.scalars(
        select(AwardBatch)
        .where(AwardBatch.state == BatchState.DRAFT, AwardBatch.created_at < before)
        .order_by(AwardBatch.created_at, AwardBatch.id)
    ).all()


def list_to_forget(db: Session, before: datetime) -> Sequence[AwardBatch]:
    """Batches that ended before then and whose lines still name people."""
    return db.scalars(
        select(AwardBatch)
        .where(AwardBatch.ended_at < before, AwardBatch.forgotten_at.is_(None))
        .order_by(AwardBatch.ended_at, AwardBatch.id)
    ).all()


def list_accounts(db: Session, emails: Sequence[str]) -> dict[str, User]:
    """The accounts of these addresses, by address."""
    found = db.scalars(select(User).where(User.email.in_(emails)).order_by(User.email))
    return {user.email: user for user in found}


def report(db: Session, batch_id: UUID, *, foreseen: bool = False) -> dict[str, int]:
    """What a script reads of a batch: every line is counted once, ``lines`` is their sum.

    ``awarded`` and ``claimable`` are done (``foreseen``: would be), ``waiting`` will be;
    ``refused`` changed between the dry run and its turn.
    """
    rows = db.execute(
        select(AwardBatchLine.outlook, AwardBatchLine.state, func.count())
        .where(AwardBatchLine.batch_id == batch_id)
        .group_by(AwardBatchLine.outlook, AwardBatchLine.state)
        .order_by(AwardBatchLine.outlook, AwardBatchLine.state)
    ).all()
    names = {Outlook.ACCOUNT: "awarded", Outlook.ADDRESS: "claimable"}
    kept = {
        LineState.WAITING: "waiting",
        LineState.REFUSED: "refused",
        LineState.STOPPED: "stopped",
    }
    counts = dict.fromkeys(["lines", *(names.get(o, o.value) for o in Outlook), *kept.values()], 0)
    for outlook, state, number in rows:
        counts["lines"] += number
        late = None if foreseen else kept.get(state)
        counts[late or names.get(outlook, outlook.value)] += number
    return counts
