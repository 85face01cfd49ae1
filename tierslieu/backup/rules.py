"""When a backup is due, who is at it, how it ended, which are removed, and what is wrong."""

from __future__ import annotations

import os
import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tierslieu.backup.models import BackupRun, RunState
from tierslieu.backup.queries import (
    find_asked,
    find_free,
    find_last_ended,
    find_last_kept,
    find_night,
    list_failed_before,
    list_kept,
)
from tierslieu.backup.rotation import HERE, choose_kept, read_name
from tierslieu.db import lock_for_writing
from tierslieu.logbook.acts import Act
from tierslieu.logbook.rules import note
from tierslieu.settings import Settings

AT_NIGHT = time(2, 30)  # by the clock of the place, when nobody books
LEASE = timedelta(minutes=10)  # renewed while the copy goes on
AGAIN_AFTER = timedelta(hours=1)  # when one failed: a disk may have been away
OLD_AFTER = timedelta(days=2)
FORGOTTEN_AFTER = timedelta(days=30)  # one that failed
ROOM = 2  # times the size of the last: less free than that and the next may not find room


def night_of(now: datetime) -> date:
    """The night whose backup is the last due: it begins at 2:30."""
    local = now.astimezone(HERE)
    return local.date() if local.time() >= AT_NIGHT else local.date() - timedelta(days=1)


def ask_backup(db: Session, now: datetime, night: date | None = None) -> BackupRun:
    """Ask for a backup; whoever asks while one waits gets that one."""
    lock_for_writing(db)
    asked = find_asked(db)
    if asked is not None:
        return asked
    run = BackupRun(asked_at=now, night=night)
    try:
        with db.begin_nested():
            db.add(run)
    except IntegrityError:  # somebody asked at the same instant
        found = find_asked(db)
        if found is None:
            raise
        return found
    if night is None:  # by somebody
        note(db, Act.BACKUP_ASKED, now=now)
    return run


def ask_at_night(db: Session, now: datetime) -> bool:
    """Ask for tonight's, once; again when it failed and a while has passed."""
    night = night_of(now)
    lock_for_writing(db)
    found = find_night(db, night)
    if found is None:
        if find_asked(db) is None:
            ask_backup(db, now, night)
            return True
        return False
    if (
        found.state is RunState.FAILED
        and found.ended_at is not None
        and found.ended_at + AGAIN_AFTER <= now
        and find_asked(db) is None
    ):
        found.state, found.leased_until = RunState.ASKED, None
        db.flush()
        return True
    return False


def lease_backup(db: Session, now: datetime) -> tuple[UUID, UUID] | None:
    """The one to make, for this worker alone: (its id, the key of the lease)."""
    lock_for_writing(db)
    found = find_free(db, now)
    if found is None:
        return None
    found.leased_until, found.lease_key = now + LEASE, uuid4()
    db.flush()
    return found.id, found.lease_key


def _leased(db: Session, run_id: UUID, key: UUID) -> BackupRun | None:
    lock_for_writing(db)
    found = db.get(BackupRun, run_id, with_for_update=True, populate_existing=True)
    is_mine = found is not None and found.state is RunState.ASKED and found.lease_key == key
    return found if is_mine else None


def renew_lease(db: Session, run_id: UUID, key: UUID, now: datetime) -> bool:
    """Whoever is at it still is; False when another worker took over."""
    found = _leased(db, run_id, key)
    if found is not None:
        found.leased_until = now + LEASE
        db.flush()
    return found is not None


def record_kept(
    db: Session,
    run_id: UUID,
    key: UUID,
    path: Path,
    missing: int,
    *,
    made_at: datetime,
    now: datetime,
) -> bool:
    """It lies there, read back and whole. False when another worker took over meanwhile."""
    found = _leased(db, run_id, key)
    if found is None:
        return False
    found.state, found.ended_at, found.leased_until = RunState.KEPT, now, None
    found.name, found.size, found.made_at = path.name, path.stat().st_size, made_at
    found.missing, found.problem = missing, ""
    db.flush()
    return True


def record_failed(db: Session, run_id: UUID, key: UUID, problem: str, *, now: datetime) -> None:
    """It was not made, and why (a code)."""
    found = _leased(db, run_id, key)
    if found is not None:
        found.state, found.ended_at, found.leased_until = RunState.FAILED, now, None
        found.problem = problem
        db.flush()


def rotate(db: Session, settings: Settings, now: datetime) -> list[Path]:
    """Forget the backups whose turn is over; the files to remove, once that is committed.

    A file bears its name only once it was read back and found whole, so those that no row names
    (made by the place this one was restored from, or by a worker killed too early) count as well.
    """
    folder = settings.backup_dir
    if folder is None:
        return []
    lock_for_writing(db)
    there = {p.name: at for p in folder.iterdir() if (at := read_name(p.name)) is not None}
    kept = choose_kept(
        there.values(),
        daily=settings.backup_daily,
        weekly=settings.backup_weekly,
        monthly=settings.backup_monthly,
    )
    gone = [name for name, at in there.items() if at not in kept]
    for run in list_kept(db):
        if run.name in gone or run.name not in there:
            db.delete(run)
    for run in list_failed_before(db, now - FORGOTTEN_AFTER):
        db.delete(run)
    db.flush()
    return [folder / name for name in sorted(gone)]


def is_made_here(settings: Settings) -> bool:
    """Whether the folder of the backups lies in the data folder, and is made when one comes: there
    it is no disk that may be unplugged, and a place that was restored has none yet."""
    return settings.backup_dir is not None and settings.instance in settings.backup_dir.parents


def make_folder(settings: Settings) -> None:
    """Make it, closed to others, where :func:`is_made_here`."""
    if settings.backup_dir is not None and is_made_here(settings):
        settings.backup_dir.mkdir(mode=0o700, parents=True, exist_ok=True)


def _may_write(settings: Settings, folder: Path) -> bool:
    if not folder.exists() and is_made_here(settings):
        folder = settings.instance
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def find_trouble(db: Session, settings: Settings, now: datetime) -> list[str]:
    """What is wrong with the backups of this place, as codes of ``backup/words.py``."""
    folder = settings.backup_dir
    if folder is None:
        return ["not_set"]
    last, ended = find_last_kept(db), find_last_ended(db)
    found = []
    if not settings.backup_passphrase:
        found.append("no_passphrase")
    if not _may_write(settings, folder):
        found.append("unwritable")
    elif shutil.disk_usage(folder if folder.exists() else settings.instance).free < ROOM * (
        last.size if last else 0
    ):
        found.append("full")
    elif last is not None and not (folder / last.name).is_file():
        found.append("lost")
    if ended is not None and ended.state is RunState.FAILED and ended.problem not in found:
        found.append(ended.problem)
    if last is None or last.made_at is None:
        found.append("none")
    elif last.made_at < now - OLD_AFTER:
        found.append("old")
    return found
