"""Reading what waits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from badges.awards.models import AwardBatch, BatchState
from tierslieu.clockwork import JobRun, WorkerBeat
from tierslieu.counting import count_to_cap
from tierslieu.evaluation.models import PackageState, ResearchPackage
from tierslieu.mail.models import OutboxMessage

STOPPED_FOR = timedelta(days=30)  # how long one that stopped by itself is shown


def list_runs(db: Session) -> Mapping[str, JobRun]:
    """What is known of each job's last run, by name."""
    return {run.name: run for run in db.scalars(select(JobRun).order_by(JobRun.name))}


def last_beat(db: Session) -> datetime | None:
    """When the worker last said that it is alive."""
    return db.scalar(select(func.max(WorkerBeat.at)).where(WorkerBeat.name == "worker"))


def list_batches(db: Session, now: datetime) -> Sequence[AwardBatch]:
    """Awards in number that are under way, or stopped by a hindrance lately; the latest first."""
    return db.scalars(
        select(AwardBatch)
        .where(
            or_(
                AwardBatch.state == BatchState.RUNNING,
                (AwardBatch.hindrance != "") & (AwardBatch.ended_at > now - STOPPED_FOR),
            )
        )
        .options(joinedload(AwardBatch.badge))
        .order_by(AwardBatch.confirmed_at.desc(), AwardBatch.id)
        .limit(50)
    ).all()


def list_packages(db: Session, now: datetime) -> Sequence[ResearchPackage]:
    """Research packages that wait to be built, or were refused lately; the latest first."""
    recently = ResearchPackage.asked_at > now - STOPPED_FOR
    return db.scalars(
        select(ResearchPackage)
        .where(
            or_(
                ResearchPackage.state == PackageState.ASKED,
                (ResearchPackage.state == PackageState.REFUSED) & recently,
            )
        )
        .options(joinedload(ResearchPackage.study))
        .order_by(ResearchPackage.asked_at.desc(), ResearchPackage.id)
        .limit(50)
    ).all()


def list_unsent(db: Session, offset: int, limit: int) -> Sequence[OutboxMessage]:
    """Mails that have not left, the oldest first."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.sent_at.is_(None), OutboxMessage.recipient != "")
        .order_by(OutboxMessage.created_at, OutboxMessage.id)
        .offset(offset)
        .limit(limit)
    ).all()


def count_unsent(db: Session) -> int:
    """How many :func:`list_unsent` would find."""
    unsent = select(func.count()).where(
        OutboxMessage.sent_at.is_(None), OutboxMessage.recipient != ""
    )
    return db.scalar(unsent.select_from(OutboxMessage)) or 0


# A reminder goes to who has not answered: which mails of a questionnaire left, and when, would say
# who answered it. Nobody who runs the place is to know that.
_TELLS_NOTHING = OutboxMessage.template.not_like("surveys/_%", escape="/")


def _sent() -> Select[OutboxMessage]:
    # What is forgotten of a mail is to whom it went: nothing of it is left to show.
    return select(OutboxMessage).where(
        OutboxMessage.sent_at.is_not(None), OutboxMessage.recipient != "", _TELLS_NOTHING
    )


def list_sent(db: Session, offset: int, limit: int) -> Sequence[OutboxMessage]:
    """Mails that left and are not forgotten yet, but those of questionnaires; the latest first."""
    latest = (OutboxMessage.sent_at.desc(), OutboxMessage.id.desc())
    return db.scalars(_sent().order_by(*latest).offset(offset).limit(limit)).all()


def count_sent(db: Session) -> int:
    """How many :func:`list_sent` would find, as ``count_to_cap`` says it."""
    return count_to_cap(db, _sent())


def list_written_to(db: Session, address: str, limit: int) -> Sequence[OutboxMessage]:
    """Mails to this address, but those of questionnaires, whether they left or not; the latest
    first."""
    return db.scalars(
        select(OutboxMessage)
        .where(OutboxMessage.recipient == address, _TELLS_NOTHING)
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(limit)
    ).all()


def hold_unsent(db: Session, message_id: UUID) -> OutboxMessage | None:
    """One of them, to change it."""
    return db.scalar(
        select(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.sent_at.is_(None),
            OutboxMessage.recipient != "",
        )
        .with_for_update()
    )
