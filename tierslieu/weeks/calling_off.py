"""A week that will not be: called off, where everybody hears why and nothing stays held for it, or
a draft that is abandoned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.agenda.models import LearningSession
from tierslieu.agenda.rules import cancel_session
from tierslieu.bookings.queries import list_active, list_invited
from tierslieu.bookings.seats import lock_sessions
from tierslieu.errors import Refused
from tierslieu.weeks import notices
from tierslieu.weeks.applications.claims import has_begun
from tierslieu.weeks.applications.queries import count_applications
from tierslieu.weeks.applications.rules import withdraw_all
from tierslieu.weeks.models import Week, week_sessions
from tierslieu.weeks.queries import list_own_session_ids
from tierslieu.weeks.rules import check_stands, lock_week

#: Why a half-day of a draft is off; stored, so in French.
NOT_KEPT = "La semaine pour laquelle cette demi-journée était prévue n’aura pas lieu."


def call_off_week(
    db: Session, week_id: UUID, reason: str, *, now: datetime, actor_id: UUID
) -> Week:
    """A published week does not take place. Every application in progress is withdrawn with the
    reason, in one mail each; seats, beds and meals are free. Half-days planned for this week alone
    are called off; those of the agenda, and those somebody else comes to, stay there and are of no
    week any more. The team and who leads any of them hear of it.

    Raises :class:`Refused` with ``draft``, ``cancelled`` or ``begun``.
    """
    week = lock_week(db, week_id)
    check_stands(week)
    if week.published_at is None:
        raise Refused(_("Cette semaine est un brouillon : personne ne la voit."), code="draft")
    if has_begun(week, now):
        raise Refused(
            _("La semaine a commencé : annulez une à une les demi-journées qui restent."),
            code="begun",
        )
    # Alone with its half-days from here on: in the order of locks, before seats are given back.
    sessions = lock_sessions(db, [one.id for one in week.standing])
    week.cancelled_at, week.cancel_reason = now, reason
    withdraw_all(db, week, now=now, actor_id=actor_id)
    _leave_half_days(db, week, sessions, reason, now)
    leading = {person.id: person for one in sessions for person in one.facilitators}
    notices.tell_team_called_off(db, week, list(leading.values()), now, by_id=actor_id)
    db.flush()
    return week


def abandon_draft(db: Session, week_id: UUID, *, now: datetime) -> None:
    """Erase a week that is a draft and to which nobody ever applied. Half-days to come that were
    planned for it alone are called off, which the logbook says; those of the agenda stay there.

    Raises :class:`Refused` with ``cancelled``, ``published`` or ``has_applications``.
    """
    week = lock_week(db, week_id)
    check_stands(week)
    if week.published_at is not None:
        raise Refused(
            _("Cette semaine est publiée : annulez-la, en disant pourquoi."), code="published"
        )
    if count_applications(db, week.id):
        raise Refused(
            _("Des personnes ont déposé une candidature : la semaine ne s’efface pas."),
            code="has_applications",
        )
    sessions = lock_sessions(db, [one.id for one in week.standing if one.starts_at > now])
    _leave_half_days(db, week, sessions, NOT_KEPT, now)
    db.delete(week)
    db.flush()


def _leave_half_days(
    db: Session, week: Week, sessions: Sequence[LearningSession], reason: str, now: datetime
) -> None:
    own = set(list_own_session_ids(db, week.id))
    for one in sessions:
        if one.id in own and not list_active(db, one.id) and not list_invited(db, one.id):
            cancel_session(db, one.id, reason, now=now)
        else:
            db.execute(week_sessions.delete().where(week_sessions.c.session_id == one.id))
    db.expire(week, ["sessions"])
