"""Showing a week to everybody, or hiding it again while nobody applied."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.errors import Refused
from tierslieu.weeks.applications.queries import count_applications
from tierslieu.weeks.models import Week
from tierslieu.weeks.rules import check_stands, lock_week


def publish_week(db: Session, week_id: UUID, *, now: datetime) -> Week:
    """Show a week to everybody. Raises :class:`Refused` while it lacks what people must know."""
    week = lock_week(db, week_id)
    check_stands(week)
    if week.published_at is not None:
        raise Refused(_("Cette semaine est déjà publiée."), code="already_published")
    if not week.standing:
        raise Refused(
            _("Le programme est vide : ajoutez au moins une demi-journée avant de publier."),
            code="no_programme",
        )
    if not week.team:
        raise Refused(
            _("Personne ne suit cette semaine : choisissez qui lit les candidatures."),
            code="no_team",
        )
    if week.house is not None and not week.house.rooms:
        raise Refused(
            _("« %(house)s » n’a pas encore de chambre : ajoutez-les.", house=week.house.name),
            code="no_rooms",
        )
    week.published_at = now
    db.flush()
    return week


def unpublish_week(db: Session, week_id: UUID) -> Week:
    """Make a week a draft again, as long as nobody applied."""
    week = lock_week(db, week_id)
    check_stands(week)
    if week.published_at is None:
        raise Refused(_("Cette semaine est déjà un brouillon."), code="already_draft")
    if count_applications(db, week.id):
        raise Refused(
            _("Des personnes ont déposé une candidature : la semaine reste visible."),
            code="has_applications",
        )
    week.published_at = None
    db.flush()
    return week
