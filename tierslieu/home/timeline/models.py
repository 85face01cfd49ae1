"""Where a person sets the borders between the phases of their timeline."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu import clock
from tierslieu.base import Base
from tierslieu.register import kept


class TimelineBorders(Base):
    """The first day of the second and of the third phase, as the person says it; None: not said."""

    __tablename__ = "timeline_borders"
    __table_args__ = (CheckConstraint("studies_from <= job_from", name="order"),)
    __kept__ = kept(
        "timeline",
        plain="user_id studies_from job_from set_at",
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    studies_from: Mapped[date | None]
    job_from: Mapped[date | None]
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
