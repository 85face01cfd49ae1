"""Who named whom, by address, to share a room. A wish is answered when it is mutual, and says
nothing before: nobody learns from it whether the other applied.

An address names one person; a name may be borne by two, and anybody can give themselves one.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tierslieu.people.models import User
from tierslieu.weeks.applications.models import ApplicationState, Sharing, WeekApplication

_GONE = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN)


def find_partner(db: Session, application: WeekApplication) -> WeekApplication | None:
    """The one of the same week whom they named and who named them; None while it is not mutual."""
    if application.sharing is not Sharing.SOMEBODY:
        return None
    return db.scalar(
        select(WeekApplication)
        .join(User, User.id == WeekApplication.user_id)
        .where(
            WeekApplication.week_id == application.week_id,
            WeekApplication.id != application.id,
            WeekApplication.wish == application.user.email,
            WeekApplication.sharing == Sharing.SOMEBODY,
            WeekApplication.state.not_in(_GONE),
            User.email == application.wish,
        )
        .options(joinedload(WeekApplication.user))
    )
