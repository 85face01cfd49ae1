"""How somebody of the team likes to answer."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base


class AnswerHabits(Base):
    """The words one returns steps with, and whether single keys act (WCAG 2.2, 2.1.4)."""

    __tablename__ = "answer_habits"

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    words: Mapped[list[str]] = mapped_column(default=list)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
