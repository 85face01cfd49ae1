"""The worker builds what was asked for, one package at a time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.errors import Refused
from tierslieu.evaluation.kept import rules
from tierslieu.evaluation.kept.queries import find_package
from tierslieu.evaluation.rules import prepare_package
from tierslieu.house import House, Job
from tierslieu.place.queries import read_place
from tierslieu.settings import Settings
from tierslieu.surveys.pseudonyms import read_key

NAME = "build_packages"
_log = logging.getLogger(__name__)


def build_asked(db: Session, now: datetime) -> int:
    """Build the package that waits longest; gives how many were looked at, one or none."""
    leased = rules.lease_package(db, now)
    db.commit()
    if leased is None:
        return 0
    build(db, leased.id, now=now)
    return 1


def build(db: Session, package_id: UUID, *, now: datetime) -> None:
    """Build this one and keep it, or write down why it can't be.

    Raises SQLAlchemyError and OSError: the database or the disk failed, not the package, and
    another try may do when the lease is over.
    """
    settings: Settings = current_app.config["TIERSLIEU"]
    house: House = current_app.extensions["tierslieu.house"]
    found = find_package(db, package_id)
    if found is None:
        return
    try:
        key = read_key(settings.keys, found.study.slug)
        made = prepare_package(
            db,
            found.study,
            key,
            house,
            read_place(db, settings).name,
            now=now,
            find_kept=lambda sha256: rules.read_stored(settings.packages, sha256),
        )
        db.rollback()  # nothing was written, and the disk may be slow
        rules.store_package(settings.packages, made)
    except Refused as refusal:
        db.rollback()
        rules.record_refused(db, package_id, refusal.message, now=now)
    except (SQLAlchemyError, OSError):
        raise
    except Exception as mistake:
        # Something in the data does not fit what was announced, or what some library takes: tried
        # again it would not either. Its type alone is logged: its words may hold somebody's answer.
        db.rollback()
        _log.error("a package was not built: %s", type(mistake).__name__)
        rules.record_refused(db, package_id, words_of_mistake(), now=now)
    else:
        rules.record_built(db, package_id, made, now=now)
    db.commit()


def words_of_mistake() -> str:
    """What is said of a package that our own mistake kept from being built."""
    return str(
        _(
            "Quelque chose dans les données ne correspond pas à ce qu’elles annoncent. "
            "Signalez-le à l’administration."
        )
    )


def _run(db: Session, now: datetime) -> int:
    return build_asked(db, clock.now())


JOB = Job(NAME, timedelta(minutes=1), _run, goes_on=True, by_any_clock=True)


def _erase(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    return rules.erase_forgotten(db, settings.packages) + rules.sweep_drafts(settings.packages, now)


FORGETTING = Job("erase_forgotten_packages", timedelta(hours=24), _erase, by_any_clock=True)
