"""Who named whom, by address, to share a room. A wish is answered when it is mutual, and says
nothing before: nobody learns from it whether the other applied.

An address names one person; a name may be borne by two, and anybody can give themselves one. Every
address that they proved is theirs: one who has changed it since is still whom the other named.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from tierslieu.people.models import OtherAddress, User
from tierslieu.people.queries import list_own_addresses
from tierslieu.weeks.applications.models import ApplicationState, Sharing, WeekApplication

_GONE = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN)


def find_partner(db: Session, application: WeekApplication) -> WeekApplication | None:
    """The one of the same week whom they named and who named them, the first to apply if several
    have proved that address; None while it is not mutual."""
    if application.sharing is not Sharing.SOMEBODY:
        return None
    own = list_own_addresses(db, application.user_id)
    is_named: ColumnElement[bool] = (User.email == application.wish) | User.id.in_(
        select(OtherAddress.user_id).where(
            OtherAddress.email == application.wish, OtherAddress.proved_at.is_not(None)
        )
    )
    return db.scalars(
        select(WeekApplication)
        .join(User, User.id == WeekApplication.user_id)
        .where(
            WeekApplication.week_id == application.week_id,
            WeekApplication.id != application.id,
            WeekApplication.wish.in_(own),
            WeekApplication.sharing == Sharing.SOMEBODY,
            WeekApplication.state.not_in(_GONE),
            is_named,
        )
        .options(joinedload(WeekApplication.user))
        .order_by(WeekApplication.submitted_at, WeekApplication.id)
        .limit(1)
    ).first()
