"""Suspending an award, and lifting it: for badges that say they can be suspended.

The revocation bit is final, so a suspension has a bit of its own, in a twin of the award's status
list: the same index, another list (Bitstring Status List 1.0, `statusPurpose`).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from badges.awards import issuing
from badges.awards.acts import note_award
from badges.awards.models import Award, StatusList
from badges.awards.queries import suspension_list
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.logbook.acts import Act
from tierslieu.mail.rules import write_mail
from tierslieu.people.models import User


def suspend(
    db: Session, award_id: UUID, *, reason: str, now: datetime, actor_id: UUID | None
) -> Award:
    """Whoever verifies this award reads that it is suspended, until it is lifted.

    Raises :class:`Refused`: ``reason_missing``, ``not_suspendable``, ``already_revoked``,
    ``already_suspended``; :class:`NotYours`.
    """
    reason = reason.strip()
    if not reason:
        raise Refused(
            _("Dites pourquoi : la personne lira cette raison."),
            code="reason_missing",
            field="reason",
            status=422,
        )
    found = _lock(db, award_id)
    if found.suspended_at is not None:
        raise Refused(_("Ce badge est déjà suspendu."), code="already_suspended")
    found.suspended_at, found.suspended_by_id, found.suspension_reason = now, actor_id, reason
    _set_bit(db, found, True, now)
    _tell(db, found, "awards_suspended", now, reason=reason)
    db.flush()
    note_award(db, Act.BADGE_SUSPENDED, found, now=now, actor_id=actor_id, words=reason)
    return found


def lift(db: Session, award_id: UUID, *, now: datetime) -> Award:
    """The award holds again, as if nothing had been.

    Raises :class:`Refused`: ``not_suspended``, as :func:`suspend`; :class:`NotYours`.
    """
    found = _lock(db, award_id)
    since = found.suspended_at
    if since is None:
        raise Refused(_("Ce badge n’est pas suspendu."), code="not_suspended")
    found.suspended_at = found.suspended_by_id = None
    found.suspension_reason = ""
    _set_bit(db, found, False, now)
    _tell(db, found, "awards_unsuspended", now, since=since.isoformat())
    db.flush()
    note_award(db, Act.BADGE_UNSUSPENDED, found, now=now)
    return found


def _lock(db: Session, award_id: UUID) -> Award:
    lock_for_writing(db)
    found = db.get(Award, award_id, with_for_update={"of": Award}, populate_existing=True)
    if found is None or not found.credential:
        raise NotYours()
    if not found.badge.suspendable:
        raise Refused(
            _("Ce badge ne prévoit pas d’être suspendu : il ne peut être que retiré."),
            code="not_suspendable",
        )
    if found.revoked_at is not None:
        raise Refused(_("Ce badge est déjà retiré."), code="already_revoked")
    return found


def _set_bit(db: Session, award: Award, is_set: bool, now: datetime) -> None:
    listing = db.get_one(
        StatusList, suspension_list(award.status_list_id), with_for_update=True,
        populate_existing=True,
    )  # fmt: skip
    listing.bits = issuing.with_bit(listing.bits, award.status_index, is_set)
    listing.changed_at = max(now, listing.changed_at)
    listing.credential = ""  # to be signed anew, outside this transaction


def _tell(db: Session, award: Award, template: str, now: datetime, **more: str) -> None:
    holder = db.get(User, award.user_id) if award.user_id else None
    if holder is None:
        return
    context = {"name": holder.name, "badge": award.badge.name, "award": str(award.id), **more}
    key = f"{template}:{award.id}:{now.isoformat()}"
    write_mail(db, holder.email, template, context, now=now, due_key=key)
