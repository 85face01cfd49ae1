"""Who named whom, to share a room. A wish is answered when it is mutual, and says nothing before:
nobody learns from it whether the other applied."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from tierslieu.people.addresses import BadAddress, normalise_email
from tierslieu.people.models import User, fold
from tierslieu.weeks.applications.models import ApplicationState, Sharing, WeekApplication

_GONE = (ApplicationState.DECLINED, ApplicationState.WITHDRAWN)


def names(wish: str, person: User) -> bool:
    """Whether this wish, a name or an address as somebody typed it, names this person."""
    if "@" in wish:
        try:
            return normalise_email(wish) == person.email
        except BadAddress:
            return False
    return " ".join(fold(wish).split()) == " ".join(person.sort_name.split())


def find_partner(db: Session, application: WeekApplication) -> WeekApplication | None:
    """The one of the same week whom they named and who named them, the first to apply if several
    bear that name; None while it is not mutual."""
    if application.sharing is not Sharing.SOMEBODY:
        return None
    others = db.scalars(
        select(WeekApplication)
        .where(
            WeekApplication.week_id == application.week_id,
            WeekApplication.id != application.id,
            WeekApplication.sharing == Sharing.SOMEBODY,
            WeekApplication.state.not_in(_GONE),
        )
        .options(joinedload(WeekApplication.user))
        .order_by(WeekApplication.submitted_at, WeekApplication.id)
    )
    for other in others:
        if names(application.wish, other.user) and names(other.wish, application.user):
            return other
    return None
