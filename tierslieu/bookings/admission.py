"""Who may book a session, and when. The team books for whom it wants, whenever it wants."""

from __future__ import annotations

import hmac
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from courses.enrolments.queries import find_living_enrolment
from tierslieu.agenda.models import Admission, LearningSession
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.web.formats import day, hour


def check_admission(
    db: Session, session: LearningSession, user: User, *, code: str, now: datetime
) -> None:
    """Raises :class:`Refused` with ``closed`` before bookings open and once they are closed,
    ``not_eligible`` for who does not follow the path, or has not the code (field ``code``)."""
    if (words := say_window(session, now)) is not None:
        raise Refused(words, code="closed")
    if session.admission is Admission.ENROLLED and session.step is not None:
        path = session.step.version.path
        if find_living_enrolment(db, user.id, path.id) is None:
            raise Refused(
                _(
                    "Cette séance est réservée aux personnes qui suivent « %(path)s » : "
                    "inscrivez-vous d’abord à ce parcours.",
                    path=path.title,
                ),
                code="not_eligible",
            )
    if session.admission is Admission.CODE and not is_code_of(session, code):
        raise Refused(
            _("Ce code n’est pas celui de cette séance : relisez votre invitation.")
            if code.strip()
            else _("Cette séance est sur invitation : écrivez le code que vous avez reçu."),
            code="not_eligible",
            field="code",
        )


def is_code_of(session: LearningSession, code: str) -> bool:
    """Whether this is the session's code, however it is typed."""
    given, right = (_plain(text) for text in (code, session.invitation_code))
    return bool(right) and hmac.compare_digest(given, right)


def _plain(text: str) -> bytes:
    return "".join(c for c in text.casefold() if c.isalnum()).encode()


def say_window(session: LearningSession, now: datetime) -> str | None:
    """Why nobody can book now, though the session is to come; None when one can."""
    opens, closes = session.bookable_from, session.bookable_until
    if opens is not None and now < opens:
        return str(
            _("Les réservations ouvrent %(day)s à %(hour)s.", day=_the(opens), hour=hour(opens))
        )
    if closes is not None and now >= closes:
        return str(
            _(
                "Les réservations sont closes depuis %(day)s à %(hour)s.",
                day=_the(closes),
                hour=hour(closes),
            )
        )
    return None


def _the(instant: datetime) -> str:
    return str(_("le %(day)s", day=day(instant)))
