"""For whom a badge waited when a list was made at night."""

from __future__ import annotations

import enum
import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import kept


class WaitingKind(enum.Enum):
    """Meets everything; lacks a facilitator's word alone; has it, and not for much longer."""

    READY = "ready"
    TO_JUDGE = "to_judge"
    TO_RENEW = "to_renew"


class BadgeWaiting(Base):
    """A person and a badge that waited for them. ``at``: what they are put in order by, the day
    since when, or that on which the badge they have ends. Why is kept nowhere: whoever is shown is
    judged again."""

    __tablename__ = "badge_waiting"
    __table_args__ = (
        Index(
            "ix_badge_waiting_order",
            "made_at",
            "badge_id",
            "kind",
            "is_withdrawn",
            "at",
            "user_id",
        ),
    )
    __kept__ = kept("badges", plain="made_at badge_id user_id kind is_withdrawn at")

    made_at: Mapped[datetime] = mapped_column(primary_key=True)
    badge_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("badge_class.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    kind: Mapped[WaitingKind]
    is_withdrawn: Mapped[bool]
    at: Mapped[datetime]
