"""A batch of certificates from its asking to the removal of its file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from badges.awards.certificate_words import Language
from badges.awards.models import Award
from badges.awards.papers.models import PaperBatch, PaperLine, PaperLineState, PaperState
from badges.awards.papers.queries import (
    find_printable,
    find_running,
    has_waiting,
    list_about,
    list_kept,
    list_old,
    list_outdated,
    list_printable,
    list_running,
    lock_lines,
    take_free_lines,
)
from badges.awards.queries import get_award
from badges.designs.queries import get_badge
from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused

KEPT_FOR = timedelta(days=1)  # the file
REMEMBERED_FOR = timedelta(days=30)  # that there was one
SIZE = 20  # certificates: a second or two of drawing, and as much is lost by a kill
LEASE = timedelta(seconds=60)


def find_to_print(db: Session, award_id: UUID) -> Award:
    """The award whose certificate the team prints, on one sheet, to hand it over.

    Raises :class:`NotYours` for an unknown one, :class:`Refused` (``nothing_to_print``) where it
    was withdrawn or suspended, or names nobody.
    """
    award = find_printable(db, award_id)
    if award is None:
        if get_award(db, award_id) is None:
            raise NotYours()
        raise Refused(
            _("Ce badge est retiré ou suspendu, ou ne nomme personne : il n’y a rien à imprimer."),
            code="nothing_to_print",
            status=422,
        )
    return award


def ask_papers(
    db: Session, badge_id: UUID, language: Language, *, now: datetime, actor_id: UUID | None
) -> PaperBatch:
    """Ask for the certificates of everybody who holds this badge and whom it names.

    Asked again while it is under way, it is the same. Raises :class:`NotYours` for an unknown
    badge, :class:`Refused` (``nothing_to_print``) when nobody named holds it.
    """
    lock_for_writing(db)
    if get_badge(db, badge_id) is None:
        raise NotYours()
    running = find_running(db, actor_id, badge_id, language)
    if running is not None:
        return running
    awards = list_printable(db, badge_id)
    if not awards:
        raise Refused(
            _("Personne dont le nom soit connu ne détient ce badge : il n’y a rien à imprimer."),
            code="nothing_to_print",
            status=422,
        )
    batch = PaperBatch(badge_id=badge_id, language=language, created_at=now, created_by_id=actor_id)
    db.add(batch)
    db.flush()
    db.execute(
        insert(PaperLine),
        [
            {
                "id": new_id(),
                "batch_id": batch.id,
                "award_id": award_id,
                "position": position,
                "state": PaperLineState.WAITING,
                "carries_file": False,
            }
            for position, award_id in enumerate(awards, start=1)
        ],
    )
    return batch


def lease_lines(db: Session, now: datetime) -> tuple[PaperBatch, list[UUID]] | None:
    """Take the next certificates nobody draws; without a line when a batch only lacks its zip;
    None when there is nothing to do."""
    lock_for_writing(db)
    for batch in list_running(db):
        lines = take_free_lines(db, batch.id, now, SIZE)
        for line in lines:
            line.leased_until = now + LEASE
        if lines or not has_waiting(db, batch.id):
            db.flush()
            return batch, [line.id for line in lines]
    return None


def record_lines(db: Session, line_ids: Sequence[UUID], drawn: dict[UUID, bool]) -> int:
    """Write what became of these lines: ``drawn`` by line, with the signed file or without; the
    others are left out. Gives how many lines were still to be written."""
    lock_for_writing(db)
    lines = lock_lines(db, line_ids)
    for line in lines:
        line.leased_until = None
        line.state = PaperLineState.DRAWN if line.id in drawn else PaperLineState.LEFT_OUT
        line.carries_file = drawn.get(line.id, False)
    db.flush()
    return len(lines)


def draw_again(db: Session, batch_id: UUID, line_ids: Sequence[UUID]) -> int:
    """Let these certificates wait anew: their badge changed, or the disk lost them. How many."""
    lock_for_writing(db)
    batch = db.get(PaperBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.state is not PaperState.RUNNING:
        return 0
    changed = db.execute(
        update(PaperLine)
        .where(PaperLine.id.in_(line_ids), PaperLine.state == PaperLineState.DRAWN)
        .values(state=PaperLineState.WAITING, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    count: int = changed.rowcount  # type: ignore[attr-defined]
    return count


def end_papers(db: Session, batch_id: UUID, size: int | None, *, now: datetime) -> bool:
    """The file of this many bytes is there, or none (None) as every badge was withdrawn meanwhile;
    False when another worker said so before."""
    lock_for_writing(db)
    batch = db.get(PaperBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.state is not PaperState.RUNNING:
        return False
    batch.state = PaperState.GONE if size is None else PaperState.DONE
    batch.size, batch.ended_at = size, now
    db.flush()
    return True


def check_papers(db: Session, batch_id: UUID) -> bool:
    """Whether the file may still be given; if not, it is gone from now on."""
    if not list_outdated(db, batch_id):
        return True
    lock_for_writing(db)
    batch = db.get(PaperBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is not None:
        batch.state = PaperState.GONE
        db.flush()
    return False


def forget_papers(db: Session, now: datetime) -> int:
    """Give up files that are a day old or no longer true, and what is a month old altogether; how
    many. The files themselves are removed by the job, after the commit."""
    lock_for_writing(db)
    count = 0
    for batch in list_kept(db):
        is_over = batch.ended_at is not None and batch.ended_at + KEPT_FOR <= now
        if is_over or list_outdated(db, batch.id):
            batch.state = PaperState.GONE
            count += 1
    for batch in list_old(db, now - REMEMBERED_FOR):
        db.execute(delete(PaperLine).where(PaperLine.batch_id == batch.id))
        db.execute(delete(PaperBatch).where(PaperBatch.id == batch.id))
        count += 1
    db.flush()
    return count


def withdraw_papers(db: Session, user_id: UUID) -> None:
    """Give up every file with a certificate of this person, whose account is being erased."""
    for batch in list_about(db, user_id):
        batch.state = PaperState.GONE
    db.flush()
