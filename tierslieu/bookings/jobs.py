"""What bookings do by themselves: offers whose time is over, reminders."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from tierslieu.bookings import reminders
from tierslieu.bookings.bundles.queries import list_lines_begun
from tierslieu.bookings.bundles.rules import close_line
from tierslieu.bookings.groups.queries import list_over
from tierslieu.bookings.groups.rules import end_invitation
from tierslieu.bookings.kept import release_kept
from tierslieu.bookings.limits.rules import forget_old_limits
from tierslieu.bookings.queries import list_keeping_over, list_offers_over
from tierslieu.bookings.retention import RULES
from tierslieu.bookings.rules import pass_on
from tierslieu.errors import Refused
from tierslieu.house import Job
from tierslieu.house_kept import Retention

AT_ONCE = 200


def _pass_on(db: Session, now: datetime) -> int:
    """One offer a transaction: whoever books meanwhile waits for no more than one."""
    count = 0
    for booking_id in list_offers_over(db, now, AT_ONCE):
        db.rollback()
        count += pass_on(db, booking_id, now=now)
        db.commit()
    return count


def _end_invitations(db: Session, now: datetime) -> int:
    count = 0
    for invitation_id in list_over(db, now, AT_ONCE):
        db.rollback()
        count += end_invitation(db, invitation_id, now=now)
        db.commit()
    return count


def _release_kept(db: Session, now: datetime) -> int:
    count = 0
    for pool_id in [pool.id for pool in list_keeping_over(db, now, AT_ONCE)]:
        db.rollback()
        try:
            count += release_kept(db, pool_id, now=now)
            db.commit()
        except Refused:  # it began or was called off meanwhile
            db.rollback()
    return count


def _close_lines(db: Session, now: datetime) -> int:
    count = 0
    for session_id in list_lines_begun(db, now, AT_ONCE):
        db.rollback()
        count += close_line(db, session_id, now=now)
        db.commit()
    return count


def _remind(db: Session, now: datetime) -> int:
    count = reminders.remind(db, now=now)
    db.commit()
    return count


def _forget_limits(db: Session, now: datetime) -> int:
    count = forget_old_limits(db, now=now)
    db.commit()
    return count


LIMITS = Retention(
    "booking_limits",
    label=_("Limites de réservation"),
    term=_("un an après leur fin"),
    sweep=lambda db, now: forget_old_limits(db, now=now),
    job="limits_forgotten",
)
FORGOTTEN = (*RULES, LIMITS)
JOBS = (
    Job("offers_over", timedelta(minutes=1), _pass_on),
    Job("invitations_over", timedelta(minutes=1), _end_invitations),
    Job("kept_seats_over", timedelta(minutes=10), _release_kept),
    Job("bundles_begun", timedelta(minutes=10), _close_lines),
    Job("limits_forgotten", timedelta(hours=24), _forget_limits),
    Job("booking_reminders", timedelta(minutes=10), _remind),
)
