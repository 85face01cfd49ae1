"""Diet, allergies and access: optional, apart, with a consent of their own, erased after the stay.

The kitchen sees counts; what somebody needs to come in is read by the team of that week alone, and
each reading is written down where the person sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.clock import to_local
from tierslieu.db import lock_for_writing
from tierslieu.errors import NotYours, Refused
from tierslieu.weeks.applications.models import (
    ApplicationState,
    Diet,
    NeedsReading,
    StayNeeds,
    WeekApplication,
)
from tierslieu.weeks.applications.queries import (
    find_access_needs_for,
    find_needs,
    find_own,
    list_needs_with_weeks,
    list_sheets_with_weeks,
)
from tierslieu.weeks.rules import lock_week
from tierslieu.weeks.words import ALLERGENS

CONSENT_VERSION = "2026-11"
_OVER = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN)


@dataclass(frozen=True)
class Needs:
    """What somebody says they need; all of it may be empty."""

    diet: Diet | None = None
    allergies: Sequence[str] = ()
    other_allergy: str = ""
    access: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is needed."""
        return not (self.diet or self.allergies or self.other_allergy or self.access)


def save_needs(
    db: Session, week_id: UUID, user_id: UUID, needs: Needs, *, consents: bool, now: datetime
) -> WeekApplication:
    """Keep what somebody needs, or erase it when nothing is left, until the cut-off. Erasing is
    possible at any time. Raises :class:`Refused` with ``no_consent`` (field ``consent``)."""
    week = lock_week(db, week_id)
    application = find_own(db, week_id, user_id)
    if application is None or application.state in _OVER:
        raise NotYours
    if needs.is_empty:
        forget_needs(db, application.id)
        return application
    if now >= week.cutoff_at:
        raise Refused(
            _("L’internat a reçu sa liste : pour ajouter un besoin, écrivez à l’équipe."),
            code="closed",
        )
    if not consents:
        raise Refused(
            _("Ces renseignements ne sont gardés qu’avec votre accord : cochez la case."),
            code="no_consent",
            field="consent",
        )
    if not set(needs.allergies) <= set(ALLERGENS):
        raise Refused(_("Choisissez dans la liste."), field="allergies")
    kept = find_needs(db, application.id) or StayNeeds(application_id=application.id)
    kept.diet = needs.diet
    kept.allergies = [one for one in ALLERGENS if one in needs.allergies]
    kept.other_allergy, kept.access = needs.other_allergy, needs.access
    kept.consented_at, kept.text_version = now, CONSENT_VERSION
    db.add(kept)
    db.flush()
    return application


def forget_needs(db: Session, application_id: UUID) -> bool:
    """Erase what somebody needs; whether there was something."""
    kept = find_needs(db, application_id)
    if kept is None:
        return False
    db.delete(kept)
    db.flush()
    return True


def read_access(db: Session, application_id: UUID, reader_id: UUID, *, now: datetime) -> str | None:
    """What somebody needs to come in, for one of the week's team; the reading is written down.
    None when there is nothing to read, or it is not theirs to read."""
    lock_for_writing(db)
    found = find_access_needs_for(db, application_id, reader_id)
    if found is None:
        return None
    db.add(NeedsReading(application_id=application_id, by_id=reader_id, at=now))
    db.flush()
    return found.access


def erase_needs_over(db: Session, *, now: datetime) -> int:
    """Erase the needs of the weeks that ended long enough ago, and what the sheets that the
    boarding school got said of them; returns how many people's."""
    lock_for_writing(db)
    today = to_local(now).date()
    over = [needs for needs, week in list_needs_with_weeks(db) if week.needs_end_on <= today]
    for needs in over:
        db.delete(needs)
    for sheet, week in list_sheets_with_weeks(db):
        if week.needs_end_on <= today:
            # ``date|what|detail``: beds and meals stay, as what was ordered.
            whole = {key: n for key, n in sheet.counts.items() if key.endswith("|")}
            if whole != sheet.counts:
                sheet.counts = whole
    db.flush()
    return len(over)
