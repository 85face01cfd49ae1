"""A batch from its dry run to its end. Nothing is awarded before it is confirmed.

The lines are kept from the dry run on: what is confirmed is what was shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from badges.awards.acts import note_batch
from badges.awards.batches.csv_lines import CsvLine
from badges.awards.batches.foresight import Foreseen, foresee_lines, foresee_people
from badges.awards.batches.queries import (
    count_lines,
    list_lines_about,
    list_stale_drafts,
    list_to_forget,
)
from badges.awards.candidate_queries import find_session
from badges.awards.models import AwardBatch, AwardBatchLine, BatchState, LineState, Outlook
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from tierslieu.base import new_id
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.house import House

DRAFT_KEPT_FOR = timedelta(hours=6)
LINES_KEPT_FOR = timedelta(days=30)  # after the end; the notice says so
AWARDED = (Outlook.ACCOUNT, Outlook.ADDRESS)
MAX_GROUND = 300  # characters


def draft_batch(
    db: Session,
    badge_id: UUID,
    lines: Sequence[CsvLine],
    *,
    house: House,
    now: datetime,
    actor_id: UUID | None,
    filename: str,
    session_id: UUID | None = None,
) -> AwardBatch:
    """The dry run of a file: each line with what will happen. Nothing is awarded.

    Raises :class:`NotYours` for an unknown badge or session, :class:`Refused` for an archived one.
    """
    badge = _check_badge(db, badge_id, session_id)
    found = foresee_lines(
        db, badge, lines, house, actor_id=actor_id, session_id=session_id, now=now
    )
    rows = [
        {
            "position": line.position,
            "written": line.written,
            "email": line.email,
            "name": line.name,
            "note": line.note,
            "times": line.times,
            **_answer(foreseen),
        }
        for line, foreseen in zip(lines, found, strict=True)
    ]
    batch = AwardBatch(filename=filename, created_at=now, created_by_id=actor_id)
    return _keep(db, batch, badge_id, session_id, rows)


def award_people(
    db: Session,
    badge_id: UUID,
    user_ids: Sequence[UUID],
    *,
    house: House,
    now: datetime,
    actor_id: UUID | None,
    session_id: UUID | None = None,
) -> AwardBatch:
    """A batch for people ticked on a page: they were shown there, so it is confirmed at once."""
    badge = _check_badge(db, badge_id, session_id)
    wanted = list(dict.fromkeys(user_ids))
    found = foresee_people(
        db, badge, wanted, house, actor_id=actor_id, session_id=session_id, now=now
    )
    rows = [
        {
            "position": position,
            "written": "",
            "email": None,
            "name": "",
            "note": "",
            "times": 1,
            **_answer(found[user_id]),
        }
        for position, user_id in enumerate((i for i in wanted if i in found), start=1)
    ]
    batch = AwardBatch(
        created_at=now, created_by_id=actor_id, confirmed_at=now, state=BatchState.RUNNING
    )
    kept = _keep(db, batch, badge_id, session_id, rows)
    note_batch(db, kept, len(rows), now=now, actor_id=actor_id)
    return kept


def _check_badge(db: Session, badge_id: UUID, session_id: UUID | None) -> BadgeClass:
    badge = get_badge(db, badge_id)
    if badge is None or (session_id is not None and find_session(db, session_id) is None):
        raise NotYours()
    if badge.archived_at is not None:
        raise Refused(_("Ce badge est archivé : il n’est plus attribué."), code="badge_archived")
    return badge


def _answer(foreseen: Foreseen) -> dict[str, Any]:
    will = foreseen.outlook in AWARDED
    return {
        "user_id": foreseen.user_id,
        "outlook": foreseen.outlook,
        "words": foreseen.words,
        "state": LineState.WAITING if will else LineState.LEFT_OUT,
    }


def _keep(
    db: Session,
    batch: AwardBatch,
    badge_id: UUID,
    session_id: UUID | None,
    rows: Sequence[dict[str, Any]],
) -> AwardBatch:
    lock_for_writing(db)
    batch.badge_id, batch.session_id = badge_id, session_id
    db.add(batch)
    db.flush()
    if rows:
        db.execute(
            insert(AwardBatchLine), [{"id": new_id(), "batch_id": batch.id, **row} for row in rows]
        )
    return batch


def confirm_batch(
    db: Session, batch_id: UUID, *, ground: str, now: datetime, actor_id: UUID | None
) -> AwardBatch:
    """Its author confirms what the dry run showed; the worker does the rest.

    ``ground``: what the whole rests on, written into each award. Needed where an address has no
    account: there, nothing can be computed and the team attests.

    Raises :class:`Refused`: ``ground_missing``, ``nothing_to_award``, ``already_confirmed``,
    ``badge_archived``; :class:`NotYours`.
    """
    ground = " ".join(ground.split())
    lock_for_writing(db)
    batch = db.get(AwardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.created_by_id != actor_id:
        raise NotYours()
    if batch.state is not BatchState.DRAFT:
        raise Refused(
            _("Cette attribution est déjà confirmée : suivez-la ici."), code="already_confirmed"
        )
    _check_badge(db, batch.badge_id, batch.session_id)
    tally = count_lines(db, [batch_id])[batch_id]
    if not tally.waiting:
        raise Refused(
            _("Aucune ligne ne peut recevoir le badge : corrigez le fichier, puis recommencez."),
            code="nothing_to_award",
            status=422,
        )
    if not ground and tally.outlooks.get(Outlook.ADDRESS):
        raise Refused(
            _(
                "Dites sur quoi repose cette attribution : pour une adresse sans compte, rien ne "
                "peut être vérifié ici, et c’est vous qui l’attestez."
            ),
            code="ground_missing",
            field="ground",
            status=422,
        )
    batch.ground, batch.state, batch.confirmed_at = ground, BatchState.RUNNING, now
    db.flush()
    note_batch(db, batch, tally.waiting, now=now, actor_id=actor_id)
    return batch


def stop_batch(db: Session, batch_id: UUID, *, now: datetime, hindrance: str = "") -> AwardBatch:
    """Leave the rest: what is awarded stays. Raises :class:`NotYours`; ``not_running``."""
    lock_for_writing(db)
    # The lines before the batch, as the worker takes them: the two wait for one another in turn.
    db.execute(
        update(AwardBatchLine)
        .where(AwardBatchLine.batch_id == batch_id, AwardBatchLine.state == LineState.WAITING)
        .values(state=LineState.STOPPED, leased_until=None)
        .execution_options(synchronize_session=False)
    )
    batch = db.get(AwardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotYours()
    if batch.state is not BatchState.RUNNING:
        raise Refused(_("Cette attribution n’est pas en cours."), code="not_running")
    batch.state, batch.ended_at, batch.hindrance = BatchState.STOPPED, now, hindrance
    db.flush()
    return batch


def discard_batch(db: Session, batch_id: UUID, actor_id: UUID) -> None:
    """Forget a dry run, with every line of it. Raises :class:`NotYours`."""
    lock_for_writing(db)
    batch = db.get(AwardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None or batch.state is not BatchState.DRAFT or batch.created_by_id != actor_id:
        raise NotYours()
    _delete(db, batch)


def _delete(db: Session, batch: AwardBatch) -> None:
    # A bare DELETE each: ten thousand lines are not read to be forgotten.
    db.execute(delete(AwardBatchLine).where(AwardBatchLine.batch_id == batch.id))
    db.execute(delete(AwardBatch).where(AwardBatch.id == batch.id))


def forget_drafts(db: Session, now: datetime) -> int:
    """Forget dry runs nobody confirmed; gives how many."""
    lock_for_writing(db)
    stale = list_stale_drafts(db, now - DRAFT_KEPT_FOR)
    for batch in stale:
        _delete(db, batch)
    return len(stale)


def forget_lines(db: Session, now: datetime) -> int:
    """Take the people out of batches that ended long ago; the counts and the awards stay."""
    lock_for_writing(db)
    ended = list_to_forget(db, now - LINES_KEPT_FOR)
    for batch in ended:
        db.execute(
            update(AwardBatchLine)
            .where(AwardBatchLine.batch_id == batch.id)
            .values(written="", email=None, user_id=None, name="", note="", words="")
            .execution_options(synchronize_session=False)
        )
        batch.forgotten_at = now
    db.flush()
    return len(ended)


def erase_lines(db: Session, user_id: UUID) -> None:
    """Forget this person in every batch; a line that waited will not be awarded."""
    for line in list_lines_about(db, user_id):
        line.written = line.name = line.note = line.words = ""
        line.email = line.user_id = None
        if line.state is LineState.WAITING:
            line.state = LineState.REFUSED
    db.flush()
