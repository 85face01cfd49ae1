"""A slice of a batch: leased, signed outside any lock, written with its lines in one transaction.

Killed anywhere, at most a slice that was not committed is lost: its lines still wait, and are
taken again when the lease has run out. Two workers that meet lose nothing: each line is looked at
again under its lock, and the database holds each badge once for each person and address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards.batches.foresight import foresee_people
from badges.awards.batches.queries import (
    get_lines,
    has_waiting,
    list_running,
    lock_lines,
    take_free_lines,
)
from badges.awards.keys import Signer
from badges.awards.making import Recipient, draft_awards, record_awards, remember
from badges.awards.models import (
    Award,
    AwardBatch,
    AwardBatchLine,
    BatchState,
    LineState,
    Outlook,
)
from badges.designs.models import BadgeClass
from badges.designs.queries import get_badge
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours
from tierslieu.house import House

SIZE = 100  # lines: some tenths of a second of signing, and as much is lost by a kill
LEASE = timedelta(seconds=45)


@dataclass(frozen=True)
class Slice:
    """Lines of one batch that this worker signs, and what their awards share."""

    batch_id: UUID
    badge_id: UUID
    session_id: UUID | None
    actor_id: UUID | None
    ground: str
    line_ids: list[UUID]


@dataclass
class Signed:
    """What came of signing: an award, or the reason why not, by line."""

    drafts: dict[UUID, Award] = field(default_factory=dict)
    refused: dict[UUID, str] = field(default_factory=dict)
    told: Callable[[BadgeClass], bool] = field(default=lambda badge: True)


def lease_slice(db: Session, now: datetime, *, batch_id: UUID | None = None) -> Slice | None:
    """Take the next lines nobody is at; None when there are none. Batches without a line left end.

    ``batch_id``: of that batch alone.
    """
    lock_for_writing(db)
    for batch in list_running(db):
        if batch_id is not None and batch.id != batch_id:
            continue
        lines = take_free_lines(db, batch.id, now, SIZE)
        if lines:
            for line in lines:
                line.leased_until = now + LEASE
            batch.hindrance = ""
            db.flush()
            return Slice(
                batch.id,
                batch.badge_id,
                batch.session_id,
                batch.created_by_id,
                batch.ground,
                [line.id for line in lines],
            )
        if not has_waiting(db, batch.id):
            _end(db, batch.id, now)
    return None


def _end(db: Session, batch_id: UUID, now: datetime) -> None:
    batch = db.get(AwardBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is not None and batch.state is BatchState.RUNNING:
        batch.state, batch.ended_at, batch.hindrance = BatchState.DONE, now, ""
        db.flush()


def sign_slice(db: Session, piece: Slice, signer: Signer, *, house: House, now: datetime) -> Signed:
    """Look at each line once more, and sign what may be awarded. Nothing is written or locked."""
    badge = get_badge(db, piece.badge_id)
    if badge is None:
        raise NotYours()
    signed = Signed()
    lines = get_lines(db, piece.line_ids)
    recipients = _for_accounts(db, badge, lines, piece, signed, house, now)
    for line in lines:
        if line.outlook is Outlook.ADDRESS and line.email is not None:
            # Shown as an award that waits, and stays one if its person has joined meanwhile: it
            # becomes theirs by the door of every such award.
            told = [words for words in (piece.ground, line.note) if words]
            recipients[line.id] = Recipient(None, line.email, line.name, told)
    signed.told = remember(badge, signer)
    drafts = draft_awards(
        db,
        badge,
        list(recipients.values()),
        signer,
        now=now,
        actor_id=piece.actor_id,
        session_id=piece.session_id,
    )
    signed.drafts = dict(zip(recipients, drafts, strict=True))
    return signed


def _for_accounts(
    db: Session,
    badge: BadgeClass,
    lines: Sequence[AwardBatchLine],
    piece: Slice,
    signed: Signed,
    house: House,
    now: datetime,
) -> dict[UUID, Recipient]:
    """Those who still meet the criteria; the others are refused with today's reason."""
    wanted = [line for line in lines if line.outlook is Outlook.ACCOUNT]
    ids = [line.user_id for line in wanted if line.user_id is not None]
    found = foresee_people(
        db, badge, ids, house, actor_id=piece.actor_id, session_id=piece.session_id, now=now
    )
    recipients = {}
    for line in wanted:
        person = line.user
        foreseen = found.get(line.user_id) if line.user_id else None
        if person is None or foreseen is None:
            signed.refused[line.id] = str(_("ce compte est fermé"))
        elif foreseen.outlook is Outlook.HELD:
            signed.refused[line.id] = str(_("a reçu ce badge entre-temps"))
        elif foreseen.outlook is not Outlook.ACCOUNT:
            signed.refused[line.id] = foreseen.words
        else:
            told = [*foreseen.met, *(w for w in (piece.ground, line.note) if w)]
            recipients[line.id] = Recipient(person.id, person.email, person.name, told)
    return recipients


def record_slice(db: Session, piece: Slice, signed: Signed, *, now: datetime) -> int:
    """Write the awards, their mails and what became of their lines, together; gives how many lines.

    Lines that were stopped, or that another worker wrote meanwhile, are left as they are. Raises
    what :func:`record_awards` raises.
    """
    lock_for_writing(db)
    lines = lock_lines(db, piece.line_ids)
    drafts = [signed.drafts[line.id] for line in lines if line.id in signed.drafts]
    refused = record_awards(db, piece.badge_id, drafts, told=signed.told, now=now) if drafts else {}
    count = 0
    for line in lines:
        line.leased_until = None
        draft = signed.drafts.get(line.id)
        refusal = refused.get(draft.id) if draft is not None else None
        if refusal is not None and refusal.code == "try_again":
            continue  # its bit went to somebody else: drawn anew with the next slice
        count += 1
        if draft is None or refusal is not None:
            line.state = LineState.REFUSED
            line.words = refusal.message if refusal is not None else signed.refused.get(line.id, "")
        else:
            line.state, line.award_id = LineState.DONE, draft.id
            line.words = str(_("renouvelé")) if draft.renews_id else ""
    db.flush()
    return count


def release_slice(db: Session, piece: Slice) -> None:
    """Let the lines be taken again at once."""
    lock_for_writing(db)
    for line in lock_lines(db, piece.line_ids):
        line.leased_until = None
    db.flush()


def refuse_slice(db: Session, piece: Slice) -> int:
    """Leave lines that cannot be signed, and say so; gives how many."""
    lock_for_writing(db)
    lines = lock_lines(db, piece.line_ids)
    for line in lines:
        line.state, line.leased_until = LineState.REFUSED, None
        line.words = str(
            _("le badge n’a pas pu être signé avec ce qui est écrit ici : simplifiez-le")
        )
    db.flush()
    return len(lines)
