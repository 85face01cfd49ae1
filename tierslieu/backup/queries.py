"""Reading how backups went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from tierslieu.backup.models import BackupRun, RunState
from tierslieu.clockwork import nobody_at


def list_runs(db: Session, limit: int = 60) -> Sequence[BackupRun]:
    """The backups that are kept, wait or failed, the last asked for first."""
    return db.scalars(
        select(BackupRun).order_by(BackupRun.asked_at.desc(), BackupRun.id.desc()).limit(limit)
    ).all()


def list_kept(db: Session) -> Sequence[BackupRun]:
    """Those whose file should be there, the newest first."""
    return db.scalars(
        select(BackupRun)
        .where(BackupRun.state == RunState.KEPT)
        .order_by(BackupRun.made_at.desc(), BackupRun.id.desc())
    ).all()


def list_failed_before(db: Session, instant: datetime) -> Sequence[BackupRun]:
    """Those that failed before then, the first first."""
    return db.scalars(
        select(BackupRun)
        .where(BackupRun.state == RunState.FAILED, BackupRun.asked_at < instant)
        .order_by(BackupRun.asked_at, BackupRun.id)
    ).all()


def find_last_kept(db: Session) -> BackupRun | None:
    """The newest that was read back and found whole."""
    return db.scalar(
        select(BackupRun)
        .where(BackupRun.state == RunState.KEPT)
        .order_by(BackupRun.made_at.desc(), BackupRun.id.desc())
        .limit(1)
    )


def find_last_ended(db: Session) -> BackupRun | None:
    """The last that came to an end, good or bad."""
    return db.scalar(
        select(BackupRun)
        .where(BackupRun.state != RunState.ASKED)
        .order_by(BackupRun.ended_at.desc(), BackupRun.id.desc())
        .limit(1)
    )


def find_asked(db: Session) -> BackupRun | None:
    """The one that waits, or at which a worker is."""
    return db.scalar(select(BackupRun).where(BackupRun.state == RunState.ASKED))


def find_night(db: Session, night: date) -> BackupRun | None:
    """The one of that night."""
    return db.scalar(select(BackupRun).where(BackupRun.night == night))


def find_free(db: Session, now: datetime) -> BackupRun | None:
    """The one that waits and at which nobody is, held."""
    return db.scalar(
        select(BackupRun)
        .where(
            BackupRun.state == RunState.ASKED,
            nobody_at(BackupRun.leased_until, now),
        )
        .with_for_update(skip_locked=True)
    )
