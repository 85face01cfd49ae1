"""The drawing of certificates in number: slice by slice, then their zip, then its removal."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask import current_app
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from badges.awards import certificates
from badges.awards.certificate_words import read_language
from badges.awards.papers import folder as files
from badges.awards.papers import rules
from badges.awards.papers.models import PaperBatch
from badges.awards.papers.queries import (
    list_drawn,
    list_kept,
    list_outdated,
    list_running,
    list_to_draw,
)
from tierslieu import clock
from tierslieu.house import Job
from tierslieu.house_kept import Retention
from tierslieu.settings import Settings

NAME = "papers"
AT_A_STRETCH = 15.0  # seconds, then whatever else waits has its turn
_log = logging.getLogger(__name__)


def flow(db: Session, settings: Settings, *, is_over: Callable[[], bool]) -> int:
    """Draw slice after slice until nothing is left or ``is_over()``; gives how many things it did.

    Killed anywhere, at most one slice is drawn again: its lines still wait, and are taken anew
    when their lease has run out. Commits when a slice is leased, and when it is drawn and kept.
    """
    count = 0
    while not is_over():
        taken = rules.lease_lines(db, clock.now())
        if taken is None:
            db.commit()
            break
        batch, line_ids = taken
        batch_id, language = batch.id, batch.language
        db.commit()
        if line_ids:
            drawn = _draw(db, settings, batch_id, language, line_ids)
            count += rules.record_lines(db, line_ids, drawn)
        else:
            count += _bind(db, settings, batch_id)
        db.commit()
    return count


def _draw(
    db: Session, settings: Settings, batch_id: UUID, language: str, line_ids: Sequence[UUID]
) -> dict[UUID, bool]:
    """Draw and keep the certificates of these lines, no transaction open; those drawn, with
    whether the signed file is inside."""
    ready = []
    for line_id, award in list_to_draw(db, line_ids):
        made = certificates.compose(award, settings, read_language(language) or "fr", for_team=True)
        ready.append((line_id, made, award.sharing.is_open))
    db.rollback()
    drawn = {}
    for line_id, made, carries_file in ready:
        try:
            pdf = made.draw()
        except Exception as failure:  # one that cannot be drawn keeps no other back
            _log.error("a certificate was not drawn: %s", type(failure).__name__)
            continue
        files.keep_paper(settings.papers, batch_id, line_id, pdf)
        drawn[line_id] = carries_file
    return drawn


def _bind(db: Session, settings: Settings, batch_id: UUID) -> int:
    """Make the zip of a batch that is all drawn; or have drawn again what is not as it was."""
    shelf = settings.papers
    slug = db.get_one(PaperBatch, batch_id).badge.slug
    papers = [
        files.Paper(line.id, line.award_id, line.award.holder_name, line.award.awarded_at)
        for line in list_drawn(db, batch_id)
    ]
    changed = list_outdated(db, batch_id)
    db.rollback()
    lost = files.list_lost(shelf, batch_id, (paper.line_id for paper in papers))
    if changed or lost:
        return rules.draw_again(db, batch_id, [*changed, *lost])
    size = files.bind(shelf, batch_id, slug, papers) if papers else None
    return int(rules.end_papers(db, batch_id, size, now=clock.now()))


def _run(db: Session, now: datetime) -> int:
    settings: Settings = current_app.config["TIERSLIEU"]
    if not list_running(db):
        # A worker killed between the end of a batch and its sweep left people's certificates.
        _sweep(db, settings)
        return 0
    until = time.monotonic() + AT_A_STRETCH
    done = flow(db, settings, is_over=lambda: time.monotonic() > until)
    _sweep(db, settings)
    return done


def _forget(db: Session, now: datetime) -> int:
    count = rules.forget_papers(db, now)
    db.commit()
    return count + _sweep(db, current_app.config["TIERSLIEU"])


def _sweep(db: Session, settings: Settings) -> int:
    entries = files.list_entries(settings.papers)
    running = [batch.id for batch in list_running(db)]
    done = [batch.id for batch in list_kept(db)]
    db.rollback()
    return files.sweep(settings.papers, entries, running, done)


RULES = (
    Retention(
        "papers",
        label=_("Attestations à imprimer"),
        term=_("un jour ; trente jours pour la trace qu’il y en eut"),
        sweep=rules.forget_papers,
        job="forget_papers",
    ),
)
JOBS = (
    # Two at once keep out of each other's way by the leases of the lines.
    Job(
        NAME,
        timedelta(seconds=30),
        _run,
        goes_on=True,
        lease=timedelta(seconds=30),
        by_any_clock=True,
    ),
    Job("forget_papers", timedelta(minutes=10), _forget),
)
