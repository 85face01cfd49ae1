"""Who applied for a week and could not come."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tierslieu import clock
from tierslieu.house_reach import UnmetDemand
from tierslieu.weeks.applications.models import ApplicationState, WeekApplication
from tierslieu.weeks.models import Week


def list_turned_away(
    db: Session, since: datetime, until: datetime
) -> list[tuple[UUID, UUID | None]]:
    """(person, path of the application, or else of the week) of the applications declined or left
    waiting, to weeks held that began in [since, until); once."""
    now, path_id = clock.now(), func.coalesce(WeekApplication.path_id, Week.path_id)
    rows = db.execute(
        select(WeekApplication.user_id, path_id)
        .join(Week, Week.id == WeekApplication.week_id)
        .where(
            WeekApplication.state.in_((ApplicationState.DECLINED, ApplicationState.WAITING)),
            Week.cancelled_at.is_(None),
            Week.first_day >= clock.to_local(since).date(),
            Week.first_day < clock.to_local(until).date(),
            Week.first_day <= clock.to_local(now).date(),
        )
        .distinct()
        .order_by(WeekApplication.user_id, path_id)
    )
    return [(row[0], row[1]) for row in rows]


DEMAND = UnmetDemand(
    "weeks",
    _("Candidature à une semaine, refusée ou restée en attente"),
    _(
        "Personnes dont la candidature à une semaine tenue dans l’année a été refusée, ou "
        "attendait encore le premier jour."
    ),
    list_turned_away,
)
