"""The work on confirmed batches, slice by slice, and what is forgotten by itself."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from badges.awards.batches import rules, slices
from badges.awards.batches.queries import list_running
from badges.awards.keys import KeyUnreadable, Signer, load_signer
from tierslieu import clock
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.house import House, Job
from tierslieu.house_kept import Retention
from tierslieu.settings import Settings

NAME = "award_batches"
AT_A_STRETCH = 15.0  # seconds, then whatever else waits has its turn
GIVE_UP_AFTER = 20  # slices in a row that came to nothing
_log = logging.getLogger(__name__)


def flow(
    db: Session,
    signer: Signer,
    house: House,
    *,
    is_over: Callable[[], bool],
    batch_id: UUID | None = None,
) -> int:
    """Award slice after slice until nothing is left or ``is_over()``; gives how many lines.

    Commits twice a slice: when it is leased, and when its awards are written.
    """
    count = vain = 0
    while not is_over() and vain < GIVE_UP_AFTER:
        piece = slices.lease_slice(db, clock.now(), batch_id=batch_id)
        db.commit()
        if piece is None:
            break
        written = _work(db, piece, signer, house)
        count += written
        vain = 0 if written else vain + 1
    return count


def _work(db: Session, piece: slices.Slice, signer: Signer, house: House) -> int:
    """Sign and write one slice; gives how many of its lines are over."""
    try:
        signed = slices.sign_slice(db, piece, signer, house=house, now=clock.now())
        written = slices.record_slice(db, piece, signed, now=clock.now())
        db.commit()
    except Refused as refusal:
        db.rollback()
        _put_back(db, piece, refusal)
        return 0
    except SQLAlchemyError:  # the database's trouble, not that of a line: tried again later
        raise
    except Exception as failure:
        # Something in one line cannot be signed: it is found by itself, and keeps no other back.
        db.rollback()
        if len(piece.line_ids) > 1:
            return sum(
                _work(db, replace(piece, line_ids=[line_id]), signer, house)
                for line_id in piece.line_ids
            )
        _log.error("a line was not awarded: %s", type(failure).__name__)
        written = slices.refuse_slice(db, piece)
        db.commit()
    return written


def _put_back(db: Session, piece: slices.Slice, refusal: Refused) -> None:
    """A slice that could not be written: its badge is no longer awarded, or two writers met."""
    if refusal.code == "badge_archived":
        try:
            rules.stop_batch(db, piece.batch_id, now=clock.now(), hindrance=refusal.code)
            db.commit()
        except Refused:  # stopped by somebody this very moment
            db.rollback()
        return
    slices.release_slice(db, piece)
    db.commit()


def _run(db: Session, now: datetime) -> int:
    if not list_running(db):
        return 0
    settings: Settings = current_app.config["TIERSLIEU"]
    house: House = current_app.extensions["tierslieu.house"]
    try:
        signer = load_signer(db, settings)
    except KeyUnreadable as error:
        current_app.logger.error("no signature possible: %s", error)
        lock_for_writing(db)
        for batch in list_running(db):
            batch.hindrance = "no_key"
        db.commit()
        return 0
    until = time.monotonic() + AT_A_STRETCH
    return flow(db, signer, house, is_over=lambda: time.monotonic() > until)


def _forget(db: Session, now: datetime) -> int:
    count = rules.forget_drafts(db, now) + rules.forget_lines(db, now)
    db.commit()
    return count


RULES = (
    Retention(
        "award_drafts",
        label=_("Listes de badges jamais confirmées"),
        term=_("six heures"),
        sweep=rules.forget_drafts,
        job="forget_award_batches",
    ),
    Retention(
        "award_lines",
        label=_("Personnes des listes de badges"),
        term=_("trente jours"),
        sweep=rules.forget_lines,
        job="forget_award_batches",
    ),
)
JOBS = (
    # Due at every tick, and soon after a worker died at it; two at once keep out of each other's
    # way by the leases of the lines.
    Job(
        NAME,
        timedelta(seconds=30),
        _run,
        goes_on=True,
        lease=timedelta(seconds=30),
        by_any_clock=True,
    ),
    Job("forget_award_batches", timedelta(hours=1), _forget),
)
