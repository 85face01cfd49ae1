"""Saying where one's phases begin; nothing else in the house reads it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.home.timeline.models import TimelineBorders
from tierslieu.home.timeline.queries import find_borders
from tierslieu.people.models import User

FIRST, LAST = date(1950, 1, 1), date(2100, 1, 1)


def set_borders(
    db: Session,
    user_id: UUID,
    *,
    studies_from: date | None,
    job_from: date | None,
    now: datetime,
) -> None:
    """The first day of the second and of the third phase; None for both forgets what was said.

    Raises :class:`Refused` ``wrong_day`` for a day nobody means, ``wrong_order`` when the third
    begins before the second.
    """
    for field, day in (("studies_from", studies_from), ("job_from", job_from)):
        if day is not None and not FIRST <= day <= LAST:
            raise Refused(
                _("Choisissez un jour entre 1950 et 2100."),
                code="wrong_day",
                field=field,
                status=422,
            )
    if studies_from is not None and job_from is not None and job_from < studies_from:
        raise Refused(
            _("Cette phase suit la précédente : choisissez le même jour ou un jour plus tard."),
            code="wrong_order",
            field="job_from",
            status=422,
        )
    lock_for_writing(db)
    # Whoever says it twice at once waits here for themselves.
    if db.get(User, user_id, with_for_update=True, populate_existing=True) is None:
        raise NotYours
    borders = find_borders(db, user_id)
    if studies_from is None and job_from is None:
        if borders is not None:
            db.delete(borders)
    elif borders is None:
        db.add(
            TimelineBorders(
                user_id=user_id, studies_from=studies_from, job_from=job_from, set_at=now
            )
        )
    else:
        borders.studies_from, borders.job_from, borders.set_at = studies_from, job_from, now
    db.flush()


def forget_borders(db: Session, user_id: UUID) -> None:
    """Nothing is kept of this person's phases."""
    lock_for_writing(db)
    borders = find_borders(db, user_id)
    if borders is not None:
        db.delete(borders)
        db.flush()
