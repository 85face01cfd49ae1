"""What the place costs, year by year."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask_babel import lazy_gettext as _
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base, new_id
from tierslieu.register import of_nobody


class PlaceCost(Base):
    """What the place cost in a calendar year, as whoever coordinates says it."""

    __tablename__ = "place_cost"
    __table_args__ = (CheckConstraint("cents > 0", name="cents"),)
    __kept__ = of_nobody(_("Ce que coûte le lieu, par année"), "id year cents note entered_at")

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    year: Mapped[int] = mapped_column(unique=True)
    cents: Mapped[int]
    note: Mapped[str] = mapped_column(default="")  # what it is made of, where it comes from
    entered_at: Mapped[datetime] = mapped_column(default=clock.now)
