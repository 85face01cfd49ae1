"""When somebody was last here, as coarsely as serves: a month, never a day."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from tierslieu.attention import Trace
from tierslieu.house import House


def last_seen(db: Session, house: House, user_id: UUID, now: datetime) -> str:
    """About when this person last left a trace here, in words."""
    found = [trace.latest(db, now, [user_id]).get(user_id) for trace in house.all(Trace)]
    last = max((at for at in found if at is not None), default=None)
    if last is None:
        return str(_("aucune trace"))
    if last > now - timedelta(days=31):
        return str(_("moins d’un mois"))
    if last > now - timedelta(days=183):
        return str(_("un à six mois"))
    return str(_("plus de six mois"))
