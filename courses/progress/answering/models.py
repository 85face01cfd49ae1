"""How somebody of the team likes to answer."""

from __future__ import annotations

import uuid

from flask_babel import lazy_gettext as _
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from tierslieu.base import Base
from tierslieu.register import Whose, kept


class AnswerHabits(Base):
    """The words one returns steps with, and whether single keys act (WCAG 2.2, 2.1.4)."""

    __tablename__ = "answer_habits"
    __kept__ = kept(
        "answer_habits",
        plain="user_id has_shortcuts",
        says={
            "words": _("Les mots que l’équipe reprend pour répondre"),
        },
        whose=(Whose.TEAM,),
    )

    user_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True
    )
    words: Mapped[list[str]] = mapped_column(default=list)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)
