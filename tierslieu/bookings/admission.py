"""Who may book a session, and when. The team books for whom it wants, whenever it wants."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.orm import Session

from courses.enrolments.queries import find_living_enrolment
from tierslieu.agenda.models import Admission, LearningSession
from tierslieu.bookings.models import WrongCode
from tierslieu.bookings.queries import count_wrong_codes
from tierslieu.db import lock_for_writing
from tierslieu.errors import Refused
from tierslieu.people.models import User
from tierslieu.web.formats import day, hour

MOST_TRIES = 10  # wrong codes of one person at one session, or at all dates of its series
PAUSE = timedelta(hours=1)  # within so long
KEPT_FOR = timedelta(days=1)


def check_admission(
    db: Session, session: LearningSession, user: User, *, code: str, now: datetime
) -> None:
    """Raises :class:`Refused` with ``closed`` before bookings open and once they are closed,
    ``not_eligible`` for who does not follow the path, or has not the code (field ``code``),
    ``too_often`` for who has tried too many."""
    if (words := say_window(session, now)) is not None:
        raise Refused(words, code="closed")
    check_follows(db, session, user)
    if session.admission is not Admission.CODE:
        return
    if count_wrong_codes(db, session, user.id, now - PAUSE) >= MOST_TRIES:
        raise Refused(
            _("Trop de codes essayés : reprenez dans une heure, ou écrivez à l’équipe."),
            code="too_often",
            field="code",
            status=429,
        )
    if not is_code_of(session, code):
        raise Refused(
            _("Ce code n’est pas celui de cette séance : relisez votre invitation.")
            if code.strip()
            else _("Cette séance est sur invitation : écrivez le code que vous avez reçu."),
            code="not_eligible",
            field="code",
        )


def note_wrong_code(
    db: Session, refused: Refused, session_id: UUID, user_id: UUID, code: str, now: datetime
) -> bool:
    """Remember that a code was wrong, if that is what was refused, in a transaction of its own;
    what is older than a day is forgotten. Whether there was anything to remember."""
    if refused.field != "code" or refused.code == "too_often" or not code.strip():
        return False
    lock_for_writing(db)
    forget_wrong_codes(db, user_id, before=now - KEPT_FOR)
    db.add(WrongCode(session_id=session_id, user_id=user_id, at=now))
    db.flush()
    return True


def forget_wrong_codes(db: Session, user_id: UUID, *, before: datetime | None = None) -> None:
    """Forget when this person typed a wrong code, all or before then."""
    old = delete(WrongCode).where(WrongCode.user_id == user_id)
    db.execute(old if before is None else old.where(WrongCode.at < before))


def check_follows(db: Session, session: LearningSession, user: User) -> None:
    """Raises :class:`Refused` with ``not_eligible`` for who does not follow the path of a session
    that is for those who do."""
    if session.admission is not Admission.ENROLLED or session.step is None:
        return
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
