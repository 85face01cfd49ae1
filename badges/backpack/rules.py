"""Showing one's badges, and keeping those received elsewhere."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from badges.awards import rules as awards
from badges.awards.models import Award, HolderPage, Sharing
from badges.awards.queries import find_holder_page
from badges.backpack.examining import Examined
from badges.backpack.models import KeptBadge
from badges.backpack.queries import count_kept, find_kept, find_same, list_kept
from badges.engine.report import Report
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.people.joining.rows import turn
from tierslieu.people.models import User

MOST_KEPT = 200  # badges from elsewhere, for one person


def show_to(
    db: Session, award_id: UUID, user_id: UUID, sharing: Sharing, *, now: datetime
) -> Award:
    """Who sees this badge from now on. The first public badge opens the person's public page.

    Raises :class:`NotYours`; :class:`Refused` ``nameless``.
    """
    award = awards.share(db, award_id, user_id, now=now, sharing=sharing)
    if sharing is Sharing.PUBLIC:
        # The person's row is held: two first badges open one page.
        db.scalar(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
        if find_holder_page(db, user_id) is None:
            db.add(HolderPage(user_id=user_id, created_at=now))
            db.flush()
    return award


def keep_badge(
    db: Session, user_id: UUID, found: Examined, *, now: datetime
) -> tuple[KeptBadge, bool]:
    """Keep a badge that was examined; says whether it is new. The same badge is kept once: brought
    again, its text and what was found take the place of the former.

    Raises :class:`Refused` ``too_many_badges``.
    """
    lock_for_writing(db)
    db.scalar(select(User.id).where(User.id == user_id).with_for_update())
    kept = find_same(db, user_id, found.fingerprint)
    is_new = kept is None
    if kept is None:
        if count_kept(db, user_id) >= MOST_KEPT:
            raise Refused(
                _("Vous gardez déjà %(count)d badges d’ailleurs : enlevez-en un.", count=MOST_KEPT),
                code="too_many_badges",
            )
        kept = KeptBadge(user_id=user_id, fingerprint=found.fingerprint, kept_at=now)
        db.add(kept)
    kept.credential, kept.name = found.text, found.name
    kept.issuer_name, kept.issued_day = found.issuer_name, found.issued_day
    _note(kept, found.report, now)
    db.flush()
    return kept, is_new


def note_check(
    db: Session, user_id: UUID, kept_id: UUID, report: Report, *, now: datetime
) -> KeptBadge:
    """Write down what a new check found. Raises :class:`NotYours`."""
    lock_for_writing(db)
    kept = find_kept(db, user_id, kept_id)
    if kept is None:
        raise NotYours()
    _note(kept, report, now)
    db.flush()
    return kept


def _note(kept: KeptBadge, report: Report, now: datetime) -> None:
    kept.outcome, kept.checked_at = report.outcome, now
    kept.checks = [check.to_json() for check in report.checks]


def drop_badge(db: Session, user_id: UUID, kept_id: UUID) -> None:
    """Keep it no longer. Raises :class:`NotYours`."""
    lock_for_writing(db)
    kept = find_kept(db, user_id, kept_id)
    if kept is None:
        raise NotYours()
    db.delete(kept)
    db.flush()


def erase(db: Session, user_id: UUID) -> None:
    """Forget this person's page and the badges they kept."""
    for table in (KeptBadge, HolderPage):
        db.execute(delete(table).where(table.user_id == user_id))


def join_kept(db: Session, gone: UUID, kept: UUID, now: datetime) -> None:
    """A badge that both of a person's accounts keep is kept once, in every collection of both."""
    lock_for_writing(db)
    for theirs in list_kept(db, gone):
        ours = find_same(db, kept, theirs.fingerprint)
        if ours is not None:
            turn(db, KeptBadge.__tablename__, theirs.id, ours.id)
            db.expire_all()
            db.delete(theirs)
            db.flush()
