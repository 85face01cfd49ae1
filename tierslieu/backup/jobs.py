"""The worker makes the backup of the night, and the one somebody asks for."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from flask import current_app
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.backup import rules
from tierslieu.backup.age import Damaged
from tierslieu.backup.copying import NotDone, make_backup
from tierslieu.backup.rotation import file_name
from tierslieu.db import db as database
from tierslieu.house import House, Job
from tierslieu.settings import Settings

NAME = "backup"
RENEW_AFTER = 60.0  # seconds
STALE_AFTER = timedelta(hours=6)  # a part that nobody has written to since: its worker was killed
_log = logging.getLogger(__name__)


class _TakenOver(Exception):
    """Another worker has it: this one was silent for too long."""


def _run(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    if settings.backup_dir is not None:
        rules.ask_at_night(db, clock.now())
        db.commit()
    leased = rules.lease_backup(db, clock.now())
    db.commit()
    if leased is None:
        return 0
    _make(db, settings, *leased)
    return 1


def _make(db: Session, settings: Settings, run_id: UUID, key: UUID) -> None:
    made_at = clock.now().replace(microsecond=0)
    try:
        path, missing = _write(db, settings, made_at, run_id, key)
    except _TakenOver:
        return
    except Exception as failure:
        db.rollback()
        # Its class alone is logged and kept: its words may hold a path or a row.
        _log.error("a backup was not made: %s", type(failure).__name__)
        rules.record_failed(db, run_id, key, _code(failure), now=clock.now())
        db.commit()
        return
    kept = rules.record_kept(db, run_id, key, path, missing, made_at=made_at, now=clock.now())
    db.commit()
    if kept:
        gone = rules.rotate(db, settings, clock.now())
        db.commit()
        for file in gone:
            file.unlink(missing_ok=True)


def _code(failure: Exception) -> str:
    if isinstance(failure, NotDone):
        return failure.code
    if isinstance(failure, Damaged):
        return "not_whole"
    return "unwritable" if isinstance(failure, OSError) else "mistake"


def _write(
    db: Session, settings: Settings, made_at: datetime, run_id: UUID, key: UUID
) -> tuple[Path, int]:
    """Write the file, no transaction of ours open; its path, and how many files were missing."""
    folder = settings.backup_dir
    if folder is None:
        raise NotDone("TIERSLIEU_BACKUP_DIR is not set", "not_set")
    if not settings.backup_passphrase:
        raise NotDone("TIERSLIEU_BACKUP_PASSPHRASE is not set", "no_passphrase")
    rules.make_folder(settings)
    if not folder.is_dir():  # elsewhere it is not made: it may be a disk that is not there today
        raise NotDone(f"{folder} is no folder", "unwritable")
    _sweep(folder)
    renewed = time.monotonic()

    def went_on() -> None:
        nonlocal renewed
        if time.monotonic() - renewed < RENEW_AFTER:
            return
        renewed = time.monotonic()
        is_mine = rules.renew_lease(db, run_id, key, clock.now())
        db.commit()
        if not is_mine:
            raise _TakenOver

    house: House = current_app.extensions["tierslieu.house"]
    path = folder / file_name(made_at)
    contents = make_backup(
        path,
        settings.backup_passphrase,
        database.engine,
        house,
        settings,
        now=made_at,
        went_on=went_on,
    )
    return path, len(contents.manifest.missing) + len(contents.manifest.changed)


def _sweep(folder: Path) -> None:
    """Remove what a killed worker left half written."""
    for path in folder.glob(".tierslieu-*.partial"):
        age = clock.now().timestamp() - path.stat().st_mtime
        if age > STALE_AFTER.total_seconds():
            path.unlink(missing_ok=True)


JOB = Job(NAME, timedelta(minutes=1), _run, goes_on=True, by_any_clock=True)
